package dev.lanewise.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FmaPeakTest {

  /** Every operation that is counted is done: a chain or a round less would be another number. */
  @ParameterizedTest
  @CsvSource({"0, 12, 1", "0, 12, 2", "0, 12, 5", "1, 16, 1", "1, 16, 2", "1, 16, 5"})
  void whatIsCountedIsDone(int variant, int chains, int iterations) {
    // So small that the sum does not reach the bound of what is kept of it.
    float x = 0x1p-8f;
    float[] sink = {x};
    long flops = FmaPeak.run(variant, iterations, sink);

    assertThat(flops).isEqualTo(2L * chains * iterations * FloatVector.SPECIES_PREFERRED.length());
    assertThat(sink[0]).isEqualTo(0.5f + Math.min(Math.abs(sum(x, chains, iterations)), 1) / 1024);
  }

  private static float sum(float x, int chains, int iterations) {
    List<Float> values = new ArrayList<>(List.of(x, -x));
    for (int i = 2; i < chains; i++) {
      values.add(x + (i - 1));
    }
    float sum = 0;
    for (float value : values) {
      for (int i = 0; i < iterations; i++) {
        value = Math.fma(value, x, x);
      }
      sum += value;
    }
    return sum;
  }

  @Test
  void theNumbersInItStayOrdinary() {
    float[] sink = {0.5f};
    for (int i = 0; i < 100; i++) {
      FmaPeak.run(i % 2, i, sink);
      assertThat(sink[0]).isBetween(0.4f, 0.6f);
    }
  }
}
