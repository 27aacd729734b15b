package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.PassPlan;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Passes for inference, and the memory that passes take. */
class PassMemoryTest {

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int SEQUENCES = 3;
  private static final int TIME = 13;

  private static TestModel model(boolean tiedHead) {
    return new TestModel(TestModel.config(true, tiedHead, 0.1f), VectorKernels.create(), SEQUENCES);
  }

  /** Its blocks lie over each other, in memory that holds what must not be read. */
  @ParameterizedTest
  @CsvSource({"1, true", "2, false", "3, true", "5, false"})
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void inferenceHasTheLossesOfTraining(int members, boolean tiedHead) {
    TestModel model = model(tiedHead);
    int[] windows = model.randomWindows(SEQUENCES, TIME);
    model.pass.batch().takeWindows(windows, 0, SEQUENCES, TIME);
    double expected = model.transformer.loss(model.pass);
    double[] sums = new double[members];
    try (WorkerPool pool = new WorkerPool(members)) {
      Pass[] passes = model.transformer.newPasses(Use.INFERENCE, new Team(pool, members));
      Arrays.fill(memory(model.transformer, passes[0]), Float.NaN);
      pool.run(
          members,
          (member, worker) -> {
            passes[member].bind(model.weights, model.panels, null);
            passes[member].batch().takeWindows(windows, 0, SEQUENCES, TIME);
            sums[member] = model.transformer.loss(passes[member]);
          });
      assertThat(sums).containsOnly(expected);
      assertThat(passes[0].losses()).isEqualTo(model.pass.losses());
    }
  }

  @Test
  void inferenceTakesLessMemory() {
    PassPlan plan = plan(5);
    long ofProducts = (long) Float.BYTES * VectorKernels.create().matmul().scratchFloats();
    long training = plan.bytes(Use.TRAINING, SEQUENCES, 1, 1);
    long inference = plan.bytes(Use.INFERENCE, SEQUENCES, 1, 1);

    assertThat(inference - ofProducts).isLessThan((training - ofProducts) / 2);
    assertThat(plan.bytes(Use.TRAINING, 1, 1, 1)).isLessThan(training);
  }

  /** Another block adds nothing to what inference needs but does to training. */
  @Test
  void inferenceTakesTheMemoryOfOneBlock() {
    PassPlan two = plan(2);
    PassPlan five = plan(5);

    assertThat(five.bytes(Use.INFERENCE, 1, 1, 1)).isEqualTo(two.bytes(Use.INFERENCE, 1, 1, 1));
    assertThat(five.bytes(Use.TRAINING, 1, 1, 1)).isGreaterThan(two.bytes(Use.TRAINING, 1, 1, 1));
  }

  private static PassPlan plan(int layers) {
    TransformerConfig config = TestModel.gpt2(67, TIME, 36, 3, layers, 90, true, true, 0);
    return new Transformer(config, VectorKernels.create(), 1).passes();
  }

  @Test
  void inferenceRefusesGradients() {
    TestModel model = model(true);
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
    TestModel model = model(false);
    int[] windows = model.randomWindows(1, TIME);
    Pass small = model.transformer.passes().allocate(Use.TRAINING, 1, Team.alone())[0];
    float[][] gradients = new float[2][];
    Pass[] passes = {model.pass, small};
    for (int i = 0; i < 2; i++) {
      passes[i].bind(model.weights, model.panels, model.gradients);
      passes[i].batch().takeWindows(windows, 0, 1, TIME);
      passes[i].withDropout(1, 2, 0);
      model.transformer.lossAndGradients(passes[i], 1f);
      gradients[i] = model.gradients.data().clone();
    }
    assertThat(gradients[1]).isEqualTo(gradients[0]);
  }

  private static float[] memory(Transformer model, Pass pass) {
    return pass.view(model.results().getFirst()).data();
  }

  /** A team of two and one of three, for fewer sequences than the model was planned with too. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, SEQUENCES})
  void theBytesAreThoseOfTheArrays(int sequences) {
    Transformer model = model(true).transformer;
    PassPlan plan = model.passes();
    int ofProducts = VectorKernels.create().matmul().scratchFloats();
    try (WorkerPool pool = new WorkerPool(3)) {
      for (Use use : Use.values()) {
        long floats = 0;
        for (int size : new int[] {2, 3}) {
          Pass[] passes = plan.allocate(use, sequences, new Team(pool, size));
          assertThat(passes).hasSize(size);
          assertThat(memory(model, passes[size - 1])).isSameAs(memory(model, passes[0]));
          floats += memory(model, passes[0]).length + (long) size * ofProducts;
        }
        assertThat(plan.bytes(use, sequences, 2, 5)).as("%s", use).isEqualTo(Float.BYTES * floats);
      }
    }
  }

  /** What else a pass consists of, such as its tokens, hardly counts. */
  @ParameterizedTest
  @EnumSource(Use.class)
  void theBytesAreWhatIsAllocated(Use use) {
    TransformerConfig config = TestModel.gpt2(500, 256, 128, 4, 2, 512, true, true, 0);
    Transformer model = new Transformer(config, VectorKernels.create(), SEQUENCES);
    model.newPasses(use, Team.alone());
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Pass[] passes = model.newPasses(use, Team.alone());
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    long bytes = model.passes().bytes(use, SEQUENCES, 1, 1);

    assertThat(passes).hasSize(1);
    assertThat(allocated).isBetween(bytes, bytes + bytes / 50);
  }

  /** A pass that is too large is refused before memory is taken for it. */
  @Test
  void refusesMoreThanAnArrayHolds() {
    TransformerConfig config = TestModel.gpt2(67, 1 << 14, 512, 4, 2, 2048, true, true, 0);
    Transformer model = new Transformer(config, VectorKernels.create(), 64);

    assertThatIllegalArgumentException()
        .isThrownBy(model::newPass)
        .withMessageContaining("more than an array holds");
  }
}
