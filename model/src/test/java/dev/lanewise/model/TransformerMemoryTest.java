package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.memory.Pass;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much memory a pass takes, and that it does not show in the bits. */
class TransformerMemoryTest {

  private static final KernelSet VECTOR = VectorKernels.create();
  private static final int SEQUENCES = 3;
  private static final int TIME = 13;

  private static Transformer withoutProbabilities(TransformerConfig config, KernelSet kernels) {
    return new Transformer(config, kernels, SEQUENCES, name -> true, 0);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "5"})
  void probabilitiesThatAreComputedAgainAreThoseThatAreKept(int members) {
    TransformerConfig config = TestModel.config(true, false, 0.1f);
    Outcome kept = new TestModel(config, VECTOR, SEQUENCES).outcome(1, TIME);
    for (KernelSet kernels : new KernelSet[] {ScalarKernels.create(), VECTOR}) {
      Transformer model = withoutProbabilities(config, kernels);
      new TestModel(model).outcome(members, TIME).assertSameAs(kept);
    }
  }

  /**
   * Longer than what attention works on at once, and shorter sequences than the pass has room for.
   */
  @Test
  void alsoWithALongContext() {
    TransformerConfig config = TestModel.gpt2(67, 210, 24, 2, 2, 40, true, true, 0);
    for (int time : new int[] {210, 77}) {
      Outcome kept = new TestModel(config, VECTOR, SEQUENCES).outcome(1, time);
      new TestModel(withoutProbabilities(config, VECTOR)).outcome(2, time).assertSameAs(kept);
    }
  }

  /** Twice the context is twice the memory, up to what alignment adds. */
  @Test
  void withoutProbabilitiesMemoryIsLinearInTheContext() {
    long once = bytesWithout(512);
    long twice = bytesWithout(1024);
    long kept =
        new Transformer(TestModel.gpt2(67, 1024, 24, 2, 2, 40, true, true, 0), VECTOR, 1)
            .passes()
            .bytes(Use.TRAINING, 1, 1, 1);

    assertThat((double) twice / once).isBetween(1.9, 2.1);
    assertThat(kept - twice).isGreaterThan(2 * 2 * 1024 * 1024 * Float.BYTES * 9L / 10);
  }

  private static long bytesWithout(int context) {
    TransformerConfig config = TestModel.gpt2(67, context, 24, 2, 2, 40, true, true, 0);
    return new Transformer(config, VECTOR, 1, name -> true, 0)
        .passes()
        .bytes(Use.TRAINING, 1, 1, 1);
  }

  @ParameterizedTest
  @CsvSource({
    "TRAINING, 1, 1",
    "TRAINING, 3, 3",
    "TRAINING, 2, 5",
    "INFERENCE, 1, 1",
    "INFERENCE, 3, 2"
  })
  void thePlanSaysHowManyBytesAreAllocated(Use use, int sequences, int members) {
    TestModel model = new TestModel(TestModel.config(true, true, 0), VECTOR, SEQUENCES);
    Transformer transformer = model.transformer;
    try (WorkerPool pool = new WorkerPool(members)) {
      Pass[] passes = transformer.passes().allocate(use, sequences, new Team(pool, members));
      long allocated = (long) Float.BYTES * floats(transformer, passes[members - 1]);

      assertThat(transformer.passes().bytes(use, sequences, 1, members)).isEqualTo(allocated);
      assertThat(transformer.passes().bytes(use, sequences, 4, 4 * members))
          .isEqualTo(4 * allocated);
    }
  }

  private static int floats(Transformer transformer, Pass pass) {
    return pass.view(transformer.results().getFirst()).data().length;
  }

  @ParameterizedTest
  @CsvSource({"1, true", "3, false"})
  void aPassForInferenceHasTheLossesOfOneForTraining(int members, boolean tiedHead) {
    TestModel model =
        new TestModel(TestModel.gpt2(67, 13, 36, 3, 4, 90, true, tiedHead, 0), VECTOR, SEQUENCES);
    Transformer transformer = model.transformer;
    int[] windows = model.randomWindows(SEQUENCES, TIME);
    model.pass.batch().takeWindows(windows, 0, SEQUENCES, TIME);
    double expected = transformer.loss(model.pass);
    try (WorkerPool pool = new WorkerPool(members)) {
      Pass[] passes = transformer.newPasses(Use.INFERENCE, new Team(pool, members));
      Arrays.fill(passes[0].view(transformer.results().getFirst()).data(), Float.NaN);
      double[] sums = new double[members];
      pool.run(
          members,
          (member, worker) -> {
            passes[member].bind(model.weights, model.panels, null);
            passes[member].batch().takeWindows(windows, 0, SEQUENCES, TIME);
            sums[member] = transformer.loss(passes[member]);
          });
      assertThat(sums).containsOnly(expected);
      assertThat(passes[0].losses()).isEqualTo(model.pass.losses());
      assertThat(floats(transformer, passes[0])).isLessThan(floats(transformer, model.pass) / 2);
    }
  }

  @Test
  void aPassForInferenceTakesNoGradients() {
    TestModel model = new TestModel(TestModel.config(true, true, 0), VECTOR, SEQUENCES);
    Pass pass = model.transformer.newPasses(Use.INFERENCE, Team.alone())[0];

    assertThatIllegalArgumentException()
        .isThrownBy(() -> pass.bind(model.weights, model.panels, model.gradients))
        .withMessageContaining("inference");
    pass.bind(model.weights, model.panels, null);
    pass.batch().takeWindows(model.randomWindows(1, TIME), 0, 1, TIME);
    assertThatIllegalStateException()
        .isThrownBy(() -> model.transformer.lossAndGradients(pass, 1f))
        .withMessageContaining("gradients");
  }

  /** A pass of fewer sequences than the model was planned with. */
  @Test
  void aSmallerPassHasTheSameBits() {
    TestModel model = new TestModel(TestModel.config(true, false, 0.1f), VECTOR, SEQUENCES);
    Transformer transformer = model.transformer;
    int[] windows = model.randomWindows(1, TIME);
    Pass small = transformer.passes().allocate(Use.TRAINING, 1, Team.alone())[0];
    float[][] gradients = new float[2][];
    Pass[] passes = {model.pass, small};
    for (int i = 0; i < 2; i++) {
      passes[i].bind(model.weights, model.panels, model.gradients);
      passes[i].batch().takeWindows(windows, 0, 1, TIME);
      passes[i].withDropout(1, 2, 0);
      transformer.lossAndGradients(passes[i], 1f);
      gradients[i] = model.gradients.data().clone();
    }
    assertThat(gradients[1]).isEqualTo(gradients[0]);
    assertThat(floats(transformer, small)).isLessThan(floats(transformer, model.pass) / 2);
  }
}
