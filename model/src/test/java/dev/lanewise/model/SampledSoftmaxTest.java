package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.check.GradientCheck;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.layer.CrossEntropyLoss;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A loss over the targets of a pass and other tokens that are drawn. */
class SampledSoftmaxTest {

  private static final KernelSet VECTOR = VectorKernels.create();
  private static final int SEQUENCES = 3;
  private static final int TIME = 13;

  /** Some of 67 tokens beside those of 39 rows; many rows in several blocks; with tables. */
  static List<TransformerConfig> sampled() {
    return List.of(
        TestModel.config(true, true, 0.1f).withLoss(new CrossEntropyLoss.Choice(1, 1)),
        TestModel.config(false, false, 0.2f).withLoss(new CrossEntropyLoss.Choice(20, 0.7f)),
        TestModel.gpt2(331, 60, 16, 2, 1, 40, true, true, 0)
            .withLoss(new CrossEntropyLoss.Choice(100, 1)),
        Families.STANDARD
            .named("lanewise")
            .examples(0.2f)
            .get(1)
            .withLoss(new CrossEntropyLoss.Choice(11, 1)));
  }

  @ParameterizedTest
  @MethodSource("sampled")
  void backwardAgreesWithDifferencesOfTheReference(TransformerConfig config) {
    GradientCheck.Report report = GradientCheck.run(config, VECTOR, 1);

    assertThat(report.results())
        .allSatisfy(
            result -> assertThat(result.relativeError()).as(result.name()).isBetween(0.0, 1e-3));
    assertThat(report.passed()).isTrue();
    assertThat(report.loss()).isCloseTo(report.referenceLoss(), within(1e-6));
    GradientCheck.Report exact =
        GradientCheck.run(
            config.withLoss(new CrossEntropyLoss.Choice(0, config.loss().temperature())),
            VECTOR,
            1);
    assertThat(report.loss()).isNotCloseTo(exact.loss(), within(1e-4));
  }

  @ParameterizedTest
  @MethodSource("sampled")
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void scalarVectorAndTeamsHaveTheSameBits(TransformerConfig config) {
    int time = Math.min(TIME, config.contextLength());
    Outcome scalar = new TestModel(config, ScalarKernels.create(), SEQUENCES).outcome(1, time);
    TestModel model = new TestModel(config, VECTOR, SEQUENCES);

    for (int members : new int[] {1, 2, 3, 7}) {
      model.outcome(members, time).assertSameAs(scalar);
    }
  }

  /** Tokens that are no candidates of either pass keep a gradient of zero, all others have one. */
  @Test
  void onlyCandidatesHaveGradients() {
    TransformerConfig config =
        TestModel.gpt2(501, 13, 32, 2, 1, 80, true, false, 0)
            .withLoss(new CrossEntropyLoss.Choice(9, 1));
    TestModel model = new TestModel(config, VECTOR, 1);
    int[] window = model.randomWindows(1, TIME);
    Arrays.fill(model.gradients.data(), Float.NaN);
    model.pass.batch().takeWindows(window, 0, 1, TIME);
    model.pass.withDropout(1, 1, 0);
    model.pass.withSampledSoftmax(true);
    model.transformer.lossAndGradients(model.pass, 1);

    int offset = model.transformer.layout().offset(model.head());
    int trained = 0;
    for (int id = 0; id < 501; id++) {
      float[] row =
          Arrays.copyOfRange(model.gradients.data(), offset + id * 32, offset + (id + 1) * 32);
      boolean candidate = row[0] != 0;
      trained += candidate ? 1 : 0;
      for (float value : row) {
        assertThat(value != 0).isEqualTo(candidate);
      }
    }
    assertThat(trained).isEqualTo(TIME + 9);
  }

  /** Outside training, and where so many tokens are drawn that none is left. */
  @ParameterizedTest
  @CsvSource({"true, 28", "true, 1000", "false, 3"})
  void otherwiseTheLossIsExact(boolean asked, int tokens) {
    TransformerConfig config = TestModel.config(true, false, 0.1f);
    TestModel exact = new TestModel(config, VECTOR, SEQUENCES);
    TestModel sampled =
        new TestModel(config.withLoss(new CrossEntropyLoss.Choice(tokens, 1)), VECTOR, SEQUENCES);

    assertThat(loss(sampled, asked)).isEqualTo(loss(exact, asked));
    assertThat(sampled.gradients.data()).isEqualTo(exact.gradients.data());
    assertThat(sampled.transformer.flops(39, 0, asked))
        .isEqualTo(exact.transformer.flops(39, 0, asked));
  }

  private static double loss(TestModel model, boolean asked) {
    model.bind();
    model.pass.batch().takeWindows(model.randomWindows(SEQUENCES, TIME), 0, SEQUENCES, TIME);
    model.pass.withDropout(1, 1, 0);
    model.pass.withSampledSoftmax(asked);
    return model.transformer.lossAndGradients(model.pass, 1);
  }

  /** 6 operations for each number of a row of the head. */
  @Test
  void theArithmeticOfTheHeadIsThatOfTheCandidates() {
    TransformerConfig config = TestModel.config(true, false, 0);
    Transformer all = new Transformer(config, VECTOR, SEQUENCES);
    Transformer some =
        new Transformer(config.withLoss(new CrossEntropyLoss.Choice(20, 1)), VECTOR, SEQUENCES);

    assertThat(some.flops(1, 0, false)).isEqualTo(all.flops(1, 0, false));
    assertThat(all.flops(1, 0, true)).isEqualTo(all.flops(1, 0, false));
    assertThat(all.flops(1, 0, false) - some.flops(1, 0, true))
        .isEqualTo(6L * 36 * (67 - (39 + 20)));
  }

  @Test
  void aFrozenHeadIsRefused() {
    TransformerConfig config =
        TestModel.config(true, false, 0).withLoss(new CrossEntropyLoss.Choice(20, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Transformer(
                    config, VECTOR, SEQUENCES, TIME, name -> !name.equals(Transformer.HEAD)))
        .withMessage("a sampled softmax trains the head, and it is frozen");
  }
}
