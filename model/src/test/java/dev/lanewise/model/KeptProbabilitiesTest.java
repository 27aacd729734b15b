package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.memory.Adaptation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention probabilities that are computed again in backward have the bits of those kept. */
class KeptProbabilitiesTest {

  private static final int SEQUENCES = 3;

  private static Transformer transformer(
      TransformerConfig config, KernelSet kernels, boolean keeping) {
    int longestKept = keeping ? Integer.MAX_VALUE : 0;
    return new Transformer(
        config,
        kernels,
        SEQUENCES,
        config.contextLength(),
        name -> true,
        Adaptation.NONE,
        longestKept);
  }

  @ParameterizedTest
  @CsvSource({"1, 13, 0.1", "2, 13, 0", "3, 70, 0", "5, 13, 0.2"})
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void keepingDoesNotShow(int members, int time, float dropout) {
    TransformerConfig config = TestModel.gpt2(67, time, 36, 3, 2, 90, true, true, dropout);
    for (KernelSet kernels : new KernelSet[] {VectorKernels.create(), ScalarKernels.create()}) {
      Outcome kept = new TestModel(transformer(config, kernels, true)).outcome(1, time);

      new TestModel(transformer(config, kernels, false)).outcome(members, time).assertSameAs(kept);
    }
  }

  /** Longer than what attention works on at once, and sequences that leave room in the pass. */
  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void alsoWithALongContext() {
    TransformerConfig config = TestModel.gpt2(67, 210, 24, 2, 2, 40, true, true, 0);
    for (int time : new int[] {210, 77}) {
      Outcome kept =
          new TestModel(transformer(config, VectorKernels.create(), true)).outcome(1, time);
      Transformer again = transformer(config, VectorKernels.create(), false);
      new TestModel(again).outcome(2, time).assertSameAs(kept);
    }
  }

  /** Three heads and two layers have T x T probabilities for each sequence. */
  @Test
  void notKeepingMakesMemoryLinearInTheContext() {
    long kept = bytes(400, true);
    long again = bytes(400, false);

    assertThat(kept - again).isGreaterThan(2L * 3 * SEQUENCES * 400 * 400 * Float.BYTES * 9 / 10);
    assertThat(bytes(800, false)).isLessThan(2 * again + again / 10);
    assertThat(bytes(800, true)).isGreaterThan(3 * kept);
  }

  private static long bytes(int context, boolean keeping) {
    TransformerConfig config = TestModel.gpt2(67, context, 12, 3, 2, 16, true, true, 0);
    Transformer model = transformer(config, VectorKernels.create(), keeping);
    return model.passes().bytes(Use.TRAINING, SEQUENCES, 1, 1);
  }
}
