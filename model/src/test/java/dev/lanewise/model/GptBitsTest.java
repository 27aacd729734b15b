package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must not change a single bit. */
class GptBitsTest {

  private static final KernelSet VECTOR = VectorKernels.create();
  private static final int SEQUENCES = 5;
  private static final int TIME = 13;
  private static final float SCALE = 1f / (SEQUENCES * TIME);

  /** The loss, every row's loss, and all gradients, as bits. */
  private static final class Outcome {

    final double loss;
    final int[] losses;
    final int[] gradients;

    Outcome(double loss, int[] losses, int[] gradients) {
      this.loss = loss;
      this.losses = losses;
      this.gradients = gradients;
    }

    void assertSameAs(Outcome expected) {
      assertThat(loss).isEqualTo(expected.loss);
      assertThat(losses).isEqualTo(expected.losses);
      assertThat(gradients).isEqualTo(expected.gradients);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "true, true, 0",
    "true, false, 0.25",
    "false, true, 0.25",
    "false, false, 0",
    "true, true, 0.1"
  })
  void scalarAndVectorKernelsGiveTheSame(boolean biases, boolean tiedHead, float dropout) {
    GptConfig config = TestModel.config(biases, tiedHead, dropout);
    Outcome scalar = inChunks(config, ScalarKernels.create(), SEQUENCES);
    Outcome vector = inChunks(config, VECTOR, SEQUENCES);

    vector.assertSameAs(scalar);
    assertThat(Arrays.stream(scalar.gradients).filter(bits -> bits != 0).count())
        .isGreaterThan(scalar.gradients.length / 2);
  }

  /**
   * Every product and sum over rows is a chain that the next pass continues. (With a tied head, the
   * embedding's gradients come between those of the head, so there the order shows.)
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void theSequencesOfAPassDoNotShow(int sequencesPerPass) {
    GptConfig config = TestModel.config(true, false, 0.2f);

    inChunks(config, VECTOR, sequencesPerPass).assertSameAs(inChunks(config, VECTOR, SEQUENCES));
  }

  @Test
  void gradientsOfTwoPassesWithATiedHeadAddUp() {
    GptConfig config = TestModel.config(true, true, 0);
    Outcome whole = inChunks(config, VECTOR, SEQUENCES);
    Outcome parts = inChunks(config, VECTOR, 2);

    assertThat(parts.losses).isEqualTo(whole.losses);
    for (int i = 0; i < whole.gradients.length; i++) {
      float expected = Float.intBitsToFloat(whole.gradients[i]);
      float found = Float.intBitsToFloat(parts.gradients[i]);
      assertThat(Math.abs(found - expected)).isLessThanOrEqualTo(1e-6f);
    }
  }

  @Test
  void lossAloneIsTheLossOfTraining() {
    TestModel model = new TestModel(TestModel.config(true, true, 0), VECTOR, SEQUENCES);
    model.pass.feed(model.randomWindows(SEQUENCES, TIME), 0, SEQUENCES, TIME);
    double loss = model.gpt.loss(model.pass);
    float[] losses = model.pass.losses().clone();

    assertThat(model.gpt.lossAndGradients(model.pass, SCALE)).isEqualTo(loss);
    assertThat(model.pass.losses()).isEqualTo(losses);
  }

  @Test
  void aPassLeavesNothingBehindForTheNext() {
    TestModel used = new TestModel(TestModel.config(true, true, 0.2f), VECTOR, SEQUENCES);
    int[] windows = used.randomWindows(SEQUENCES, TIME);
    used.pass.train(3, 1, 0);
    used.pass.feed(windows, 0, SEQUENCES, TIME);
    used.gpt.lossAndGradients(used.pass, SCALE);
    Arrays.fill(used.gradients.data(), Float.NaN);
    used.bind();
    TestModel fresh = new TestModel(TestModel.config(true, true, 0.2f), VECTOR, SEQUENCES);
    double[] losses = new double[2];
    TestModel[] models = {used, fresh};
    for (int i = 0; i < 2; i++) {
      models[i].pass.train(3, 2, 0);
      models[i].pass.feed(windows, 0, 2, 5);
      losses[i] = models[i].gpt.lossAndGradients(models[i].pass, SCALE);
    }
    assertThat(losses[0]).isEqualTo(losses[1]);
    assertThat(used.gradients.data()).isEqualTo(fresh.gradients.data());
  }

  @Test
  void dropoutDependsOnSeedStepAndRow() {
    TestModel model = new TestModel(TestModel.config(true, true, 0.2f), VECTOR, 1);
    model.pass.feed(model.randomWindows(1, TIME), 0, 1, TIME);
    model.pass.train(1, 1, 0);
    double loss = model.gpt.loss(model.pass);

    model.pass.train(2, 1, 0);
    assertThat(model.gpt.loss(model.pass)).isNotEqualTo(loss);
    model.pass.train(1, 2, 0);
    assertThat(model.gpt.loss(model.pass)).isNotEqualTo(loss);
    model.pass.train(1, 1, TIME);
    assertThat(model.gpt.loss(model.pass)).isNotEqualTo(loss);
    model.pass.evaluate();
    assertThat(model.gpt.loss(model.pass)).isNotEqualTo(loss);
    model.pass.train(1, 1, 0);
    assertThat(model.gpt.loss(model.pass)).isEqualTo(loss);
  }

  private static Outcome inChunks(GptConfig config, KernelSet kernels, int sequencesPerPass) {
    TestModel model = new TestModel(config, kernels, sequencesPerPass);
    int[] windows = model.randomWindows(SEQUENCES, TIME);
    int[] losses = new int[SEQUENCES * TIME];
    double loss = 0;
    for (int from = 0; from < SEQUENCES; from += sequencesPerPass) {
      int n = Math.min(sequencesPerPass, SEQUENCES - from);
      model.pass.feed(windows, from * (TIME + 1), n, TIME);
      model.pass.train(17, 4, (long) from * TIME);
      model.gpt.lossAndGradients(model.pass, SCALE);
      for (int row = 0; row < model.pass.rows(); row++) {
        loss += model.pass.losses()[row];
        losses[from * TIME + row] = Float.floatToIntBits(model.pass.losses()[row]);
      }
    }
    return new Outcome(loss, losses, bits(model.gradients.data()));
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }
}
