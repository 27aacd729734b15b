package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import org.junit.jupiter.api.Test;

class KernelBitsTest {

  /** Three models of 16 digits each, which no two share. */
  @Test
  void theyAreThoseOfTheDefinition() {
    String bits = KernelBits.of(VectorKernels.create());
    assertThat(bits).hasSize(48).isEqualTo(KernelBits.of(ScalarKernels.create()));
    assertThat(bits.substring(0, 16))
        .isNotEqualTo(bits.substring(16, 32))
        .isNotEqualTo(bits.substring(32));
  }
}
