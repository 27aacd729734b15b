package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.layer.CrossEntropyLoss;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must not change a single bit. */
class TransformerBitsTest {

  private static final KernelSet VECTOR = VectorKernels.create();
  private static final int SEQUENCES = 5;
  private static final int TIME = 13;
  private static final float SCALE = 1f / (SEQUENCES * TIME);

  @ParameterizedTest
  @CsvSource({
    "true, true, 0",
    "true, false, 0.25",
    "false, true, 0.25",
    "false, false, 0",
    "true, true, 0.1"
  })
  void scalarAndVectorKernelsGiveTheSame(boolean biases, boolean tiedHead, float dropout) {
    TransformerConfig config = TestModel.config(biases, tiedHead, dropout);
    Outcome scalar = inChunks(config, ScalarKernels.create(), SEQUENCES);
    Outcome vector = inChunks(config, VECTOR, SEQUENCES);

    vector.assertSameAs(scalar);
    assertThat(IntStream.range(0, scalar.gradients.length).filter(i -> scalar.gradients[i] != 0))
        .hasSizeGreaterThan(scalar.gradients.length / 2);
  }

  /**
   * Golden values of the first version that could train: losses, gradients, and the logits of the
   * last token. A change of them is a change of every model that anyone has trained.
   */
  @ParameterizedTest
  @CsvSource({
    "true, true, 0, 333.8886775970459, e4137dbdda407ae2, b02563df7ca6cc04",
    "true, false, 0.25, 328.1020095348358, b8eebc1842b5badc, 7739455f2538cb6b",
    "false, true, 0.25, 301.2958199977875, 3952feeed1295c37, e90e7e87bdc58a9d",
    "false, false, 0, 338.70093035697937, d4000c63ed97273a, ec8066582d4bb031",
    "true, true, 0.1, 336.07771134376526, cf24b033d5c644c3, b02563df7ca6cc04"
  })
  void lossesGradientsAndLogitsAreGolden(
      boolean biases,
      boolean tiedHead,
      float dropout,
      double loss,
      String lossesAndGradients,
      String logits) {
    TransformerConfig config = TestModel.config(biases, tiedHead, dropout);
    Outcome found = inChunks(config, VECTOR, SEQUENCES);

    assertThat(found.sums[0]).isEqualTo(loss);
    assertThat(Outcome.hash(found.losses, found.gradients)).isEqualTo(lossesAndGradients);
    TestModel model = new TestModel(config, VECTOR, 1);
    try (WorkerPool pool = new WorkerPool(1)) {
      float[][] decoded = model.decode(model.randomWindows(SEQUENCES, TIME), TIME, pool);
      assertThat(Outcome.hash(decoded[TIME - 1])).isEqualTo(logits);
    }
  }

  /** As above, of a training loss at another temperature. */
  @ParameterizedTest
  @CsvSource({
    "0.75, 365.4715158343315, 09b5c59c735168f7",
    "3, 281.0588266849518, 0e7b9a2bd07d7527"
  })
  void lossesAtATemperatureAreGolden(float temperature, double loss, String lossesAndGradients) {
    TransformerConfig config =
        TestModel.config(true, false, 0.25f).withLoss(new CrossEntropyLoss.Choice(0, temperature));
    Outcome found = inChunks(config, VECTOR, SEQUENCES);

    assertThat(found.sums[0]).isEqualTo(loss);
    assertThat(Outcome.hash(found.losses, found.gradients)).isEqualTo(lossesAndGradients);
  }

  /**
   * Every product and sum over rows is a chain that the next pass continues. (With a tied head, the
   * embedding's gradients come between those of the head, so there the order shows.)
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void theSequencesOfAPassDoNotShow(int sequencesPerPass) {
    TransformerConfig config = TestModel.config(true, false, 0.2f);

    inChunks(config, VECTOR, sequencesPerPass).assertSameAs(inChunks(config, VECTOR, SEQUENCES));
  }

  @Test
  void gradientsOfTwoPassesWithATiedHeadAddUp() {
    TransformerConfig config = TestModel.config(true, true, 0);
    Outcome whole = inChunks(config, VECTOR, SEQUENCES);
    Outcome parts = inChunks(config, VECTOR, 2);

    assertThat(parts.losses).isEqualTo(whole.losses);
    for (int i = 0; i < whole.gradients.length; i++) {
      assertThat(Math.abs(parts.gradients[i] - whole.gradients[i])).isLessThanOrEqualTo(1e-6f);
    }
  }

  @Test
  void lossAloneIsTheLossOfTraining() {
    TestModel model = new TestModel(TestModel.config(true, true, 0), VECTOR, SEQUENCES);
    model.pass.batch().takeWindows(model.randomWindows(SEQUENCES, TIME), 0, SEQUENCES, TIME);
    double loss = model.transformer.loss(model.pass);
    float[] losses = model.pass.losses().clone();

    assertThat(model.transformer.lossAndGradients(model.pass, SCALE)).isEqualTo(loss);
    assertThat(model.pass.losses()).isEqualTo(losses);
  }

  @Test
  void aPassLeavesNothingBehindForTheNext() {
    TestModel used = new TestModel(TestModel.config(true, true, 0.2f), VECTOR, SEQUENCES);
    int[] windows = used.randomWindows(SEQUENCES, TIME);
    used.pass.withDropout(3, 1, 0);
    used.pass.batch().takeWindows(windows, 0, SEQUENCES, TIME);
    used.transformer.lossAndGradients(used.pass, SCALE);
    Arrays.fill(used.gradients.data(), Float.NaN);
    used.bind();
    TestModel fresh = new TestModel(TestModel.config(true, true, 0.2f), VECTOR, SEQUENCES);
    double[] losses = new double[2];
    TestModel[] models = {used, fresh};
    for (int i = 0; i < 2; i++) {
      models[i].pass.withDropout(3, 2, 0);
      models[i].pass.batch().takeWindows(windows, 0, 2, 5);
      losses[i] = models[i].transformer.lossAndGradients(models[i].pass, SCALE);
    }
    assertThat(losses[0]).isEqualTo(losses[1]);
    assertThat(used.gradients.data()).isEqualTo(fresh.gradients.data());
  }

  @Test
  void dropoutDependsOnSeedStepAndRow() {
    TestModel model = new TestModel(TestModel.config(true, true, 0.2f), VECTOR, 1);
    Transformer transformer = model.transformer;
    model.pass.batch().takeWindows(model.randomWindows(1, TIME), 0, 1, TIME);
    model.pass.withDropout(1, 1, 0);
    double loss = transformer.loss(model.pass);

    model.pass.withDropout(2, 1, 0);
    assertThat(transformer.loss(model.pass)).isNotEqualTo(loss);
    model.pass.withDropout(1, 2, 0);
    assertThat(transformer.loss(model.pass)).isNotEqualTo(loss);
    model.pass.withDropout(1, 1, TIME);
    assertThat(transformer.loss(model.pass)).isNotEqualTo(loss);
    model.pass.withoutDropout();
    assertThat(transformer.loss(model.pass)).isNotEqualTo(loss);
    model.pass.withDropout(1, 1, 0);
    assertThat(transformer.loss(model.pass)).isEqualTo(loss);
  }

  private static Outcome inChunks(
      TransformerConfig config, KernelSet kernels, int sequencesPerPass) {
    TestModel model = new TestModel(config, kernels, sequencesPerPass);
    int[] windows = model.randomWindows(SEQUENCES, TIME);
    float[] losses = new float[SEQUENCES * TIME];
    double loss = 0;
    for (int from = 0; from < SEQUENCES; from += sequencesPerPass) {
      int n = Math.min(sequencesPerPass, SEQUENCES - from);
      model.pass.batch().takeWindows(windows, from * (TIME + 1), n, TIME);
      model.pass.withDropout(17, 4, (long) from * TIME);
      model.transformer.lossAndGradients(model.pass, SCALE);
      for (int row = 0; row < model.pass.rows(); row++) {
        loss += model.pass.losses()[row];
        losses[from * TIME + row] = model.pass.losses()[row];
      }
    }
    return new Outcome(new double[] {loss}, losses, model.gradients.data());
  }
}
