package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.family.Families;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Who goes through the model together gets the bits that one alone would get. */
class TransformerTeamTest {

  private static final int SEQUENCES = 3;

  @ParameterizedTest
  @CsvSource({
    "2, true, true, 0.1",
    "3, true, false, 0",
    "4, false, true, 0.2",
    "7, false, false, 0"
  })
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aTeamHasTheBitsOfOne(int members, boolean biases, boolean tiedHead, float dropout) {
    TransformerConfig config = TestModel.config(biases, tiedHead, dropout);
    for (KernelSet kernels : new KernelSet[] {VectorKernels.create(), ScalarKernels.create()}) {
      assertSame(config, kernels, members, 13);
    }
  }

  /**
   * Weights larger than the activations are read in place; a page's width is among them; there are
   * fewer rows than members.
   */
  @ParameterizedTest
  @CsvSource({"2, true, 3", "3, false, 2", "7, true, 1"})
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void alsoWithFewRowsAndWideLayers(int members, boolean tiedHead, int time) {
    TransformerConfig config = TestModel.gpt2(513, 3, 192, 4, 2, 1024, true, tiedHead, 0.1f);
    assertSame(config, VectorKernels.create(), members, time);
  }

  /** The head goes through its rows in several blocks. */
  @ParameterizedTest
  @CsvSource({"2, true", "3, false"})
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void alsoWithManyRows(int members, boolean tiedHead) {
    TransformerConfig config = TestModel.gpt2(67, 230, 32, 2, 1, 80, true, tiedHead, 0);
    assertSame(config, VectorKernels.create(), members, 230);
  }

  static List<TransformerConfig> withTables() {
    List<TransformerConfig> examples =
        Families.STANDARD.named("lanewise").examples(0.2f).stream()
            .filter(config -> !config.paths().tables().isEmpty())
            .toList();
    assertThat(examples).isNotEmpty();
    return examples;
  }

  /** Rows of tables, gradients of the numbers before each block, and of embedded values. */
  @ParameterizedTest
  @MethodSource("withTables")
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void alsoWithTables(TransformerConfig config) {
    for (KernelSet kernels : new KernelSet[] {VectorKernels.create(), ScalarKernels.create()}) {
      for (int members : new int[] {2, 3, 7}) {
        assertSame(config, kernels, members, config.contextLength());
      }
    }
  }

  private static void assertSame(
      TransformerConfig config, KernelSet kernels, int members, int time) {
    TestModel model = new TestModel(config, kernels, SEQUENCES);
    Outcome alone = model.outcome(1, time);

    model.outcome(members, time).assertSameAs(alone);
  }
}
