package dev.lanewise.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.trainer.fixture.BadKernels;
import dev.lanewise.trainer.fixture.SmallTrainer;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a training step promises: the same bits for any workers and kernels, and no garbage. */
class TrainerTest {

  private static final int STEPS = 25;

  /** The raw bits of every loss and norm, and of the weights at the end. */
  private static List<Long> bitsOfARun(
      KernelSet kernels, int threads, int shards, int accumulation) {
    return bitsOfARun(kernels, threads, shards, accumulation, Use.TRAINING);
  }

  private static List<Long> bitsOfARun(
      KernelSet kernels, int threads, int shards, int accumulation, Use use) {
    return bitsOfARun(with(shards, accumulation), kernels, threads, use);
  }

  private static List<Long> bitsOfARun(ConfigLayer layer, KernelSet kernels, int threads, Use use) {
    List<Long> bits = new ArrayList<>();
    try (WorkerPool pool = new WorkerPool(threads)) {
      SmallTrainer run = SmallTrainer.of(layer, kernels, pool, use);
      for (int step = 0; step < STEPS; step++) {
        run.trainer().step(step, run.batch(step));
        bits.add(Double.doubleToRawLongBits(run.trainer().loss()));
        bits.add(Double.doubleToRawLongBits(run.trainer().gradientNorm()));
      }
      for (float weight : run.weights().data()) {
        bits.add((long) Float.floatToRawIntBits(weight));
      }
    }
    return bits;
  }

  /** More shards than workers, as many, and fewer, so that several work on one. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void workersAndKernelsDoNotChangeTheBits(int shards) {
    List<Long> expected = bitsOfARun(ScalarKernels.create(), 1, shards, 2);
    for (int threads : new int[] {1, 2, 3, 5}) {
      assertThat(bitsOfARun(VectorKernels.create(), threads, shards, 2))
          .as("%d threads", threads)
          .isEqualTo(expected);
    }
  }

  /** Its tasks are few and of different sizes, and each worker has memory of its own for them. */
  @Test
  void neitherDoWorkersAndKernelsOfMuon() {
    ConfigLayer layer = SmallTrainer.layer().with(ConfigKey.OPTIMIZER, "muon");
    List<Long> expected = bitsOfARun(layer, ScalarKernels.create(), 1, Use.TRAINING);
    assertThat(expected).isNotEqualTo(bitsOfARun(ScalarKernels.create(), 1, 0, 1));
    for (int threads : new int[] {1, 2, 3, 5}) {
      assertThat(bitsOfARun(layer, VectorKernels.create(), threads, Use.TRAINING))
          .as("%d threads", threads)
          .isEqualTo(expected);
    }
  }

  /** Of what AdamW updates, and of the rows of tables. */
  @Test
  void aHalfLifeInTokensIsABeta2() {
    ConfigLayer layer =
        SmallTrainer.layer()
            .with(ConfigKey.FAMILY, "lanewise")
            .with(ConfigKey.BIASES, false)
            .with(ConfigKey.TIED_HEAD, false)
            .with(ConfigKey.NGRAMS, "2:50");
    double tokens = 6 * 13;
    List<Long> expected = bitsOf(layer.with(ConfigKey.BETA2, StrictMath.pow(2, -tokens / 500)));
    assertThat(bitsOf(layer.with(ConfigKey.BETA2_HALF_LIFE, 500.0))).isEqualTo(expected);
    assertThat(bitsOf(layer)).isNotEqualTo(expected);
  }

  private static List<Long> bitsOf(ConfigLayer layer) {
    return bitsOfARun(layer, VectorKernels.create(), 2, Use.TRAINING);
  }

  /** With dropout and several micro-batches to a step. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void neitherDoBlocksThatBackwardRunsAgain(int shards) {
    List<Long> expected = bitsOfARun(VectorKernels.create(), 1, shards, 2);
    for (int threads : new int[] {1, 2, 5}) {
      assertThat(bitsOfARun(VectorKernels.create(), threads, shards, 2, Use.RECOMPUTING))
          .as("%d threads", threads)
          .isEqualTo(expected);
    }
  }

  /** One member of the team meets the token; the others must not wait for it, now or later. */
  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aStepThatFailedLeavesTheNextAsItWouldBe() {
    try (WorkerPool pool = new WorkerPool(3)) {
      SmallTrainer failed = SmallTrainer.of(SmallTrainer.layer().with(ConfigKey.SHARDS, 1), pool);
      SmallTrainer other = SmallTrainer.of(SmallTrainer.layer().with(ConfigKey.SHARDS, 1), pool);
      int[][] bad = failed.batch(1);
      bad[0][bad[0].length - 1] = SmallTrainer.VOCABULARY;

      assertThatThrownBy(() -> failed.trainer().step(1, bad))
          .isInstanceOf(IndexOutOfBoundsException.class);
      for (SmallTrainer run : List.of(failed, other)) {
        run.trainer().step(1, run.batch(1));
        run.trainer().step(2, run.batch(2));
      }
      assertThat(failed.trainer().loss()).isEqualTo(other.trainer().loss());
      assertThat(failed.weights().data()).isEqualTo(other.weights().data());
    }
  }

  @Test
  void theNumberOfShardsChangesOnlyTheRounding() {
    List<Long> one = bitsOfARun(VectorKernels.create(), 2, 1, 1);
    List<Long> six = bitsOfARun(VectorKernels.create(), 2, 6, 1);
    assertThat(six).isNotEqualTo(one);
    assertThat(Double.longBitsToDouble(six.get(0)))
        .isCloseTo(Double.longBitsToDouble(one.get(0)), within(1e-6));
    assertThat(Double.longBitsToDouble(six.get(1)))
        .isCloseTo(Double.longBitsToDouble(one.get(1)), within(1e-5));
  }

  private static ConfigLayer with(int shards, int accumulation) {
    return SmallTrainer.layer()
        .with(ConfigKey.SHARDS, shards)
        .with(ConfigKey.ACCUMULATION, accumulation);
  }

  /** Windows are targets of which all count; with the same gradients by name. */
  @Test
  void chosenTargetsThatAllCountAreWindows() {
    try (WorkerPool pool = new WorkerPool(2)) {
      SmallTrainer windows = SmallTrainer.of(with(2, 2), pool);
      SmallTrainer chosen = SmallTrainer.of(with(2, 2), pool);
      for (int step = 0; step < 3; step++) {
        windows.trainer().step(step, windows.batch(step));
        chosen.trainer().step(step, chosen.rows(step, 0), chosen.rows(step, 1));
        assertThat(chosen.trainer().loss()).isEqualTo(windows.trainer().loss());
        assertThat(chosen.trainer().gradients().data())
            .isEqualTo(windows.trainer().gradients().data());
        assertThat(chosen.weights().data()).isEqualTo(windows.weights().data());
      }
    }
  }

  /**
   * The loss is the mean over what counts, wherever it lies: the parts of a batch, weighed by their
   * numbers of targets, give the whole, and so do their gradients.
   */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 3", "3, 2"})
  void lossAndGradientsAreMeansOverWhatCounts(int threads, int shards) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      SmallTrainer run = SmallTrainer.of(with(shards, 2), pool);
      int[][] ids = run.rows(0, 0);
      int[][] targets = run.rows(0, 1);
      int[][] few = new int[2][];
      int[][] others = new int[2][];
      int counted = 0;
      for (int micro = 0; micro < 2; micro++) {
        few[micro] = targets[micro].clone();
        others[micro] = targets[micro].clone();
        for (int i = 0; i < targets[micro].length; i++) {
          boolean isFew = (micro == 0 || i % 13 == 7) && i % 5 == 0;
          (isFew ? others : few)[micro][i] = Batch.UNCOUNTED;
          counted += isFew ? 1 : 0;
        }
      }
      double share = (double) counted / run.trainer().costs().targets();

      // The learning rate of step 0 is 0: all three see the same weights.
      run.trainer().step(0, ids, targets);
      double whole = run.trainer().loss();
      float[] gradient = run.trainer().gradients().data().clone();
      run.trainer().step(0, ids, few);
      double part = run.trainer().loss();
      float[] gradientOfPart = run.trainer().gradients().data().clone();
      run.trainer().step(0, ids, others);

      assertThat(part).isNotCloseTo(whole, within(1e-4));
      assertThat(share * part + (1 - share) * run.trainer().loss()).isCloseTo(whole, within(1e-6));
      float[] gradientOfRest = run.trainer().gradients().data();
      for (int i = 0; i < gradient.length; i++) {
        double sum = share * gradientOfPart[i] + (1 - share) * gradientOfRest[i];
        assertThat(sum).isCloseTo(gradient[i], within(1e-6));
      }
    }
  }

  @Test
  void aStepWithoutATargetIsRefusedAndChangesNothing() {
    try (WorkerPool pool = new WorkerPool(1)) {
      SmallTrainer run = SmallTrainer.of(with(0, 1).with(ConfigKey.DROPOUT, 0.0), pool);
      float[] before = run.weights().data().clone();
      int[][] none = run.rows(7, 1);
      Arrays.fill(none[0], Batch.UNCOUNTED);
      assertThatThrownBy(() -> run.trainer().step(7, run.rows(7, 0), none))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("step 7: none of the targets counts");
      assertThat(run.weights().data()).isEqualTo(before);
    }
  }

  @Test
  void theLossFallsOnTextThatFollowsARule() {
    try (WorkerPool pool = new WorkerPool(2)) {
      SmallTrainer run = SmallTrainer.of(SmallTrainer.layer().with(ConfigKey.DROPOUT, 0.0), pool);
      run.trainer().step(0, run.batch(0));
      double first = run.trainer().loss();
      assertThat(first).isCloseTo(Math.log(SmallTrainer.VOCABULARY), within(0.2));
      for (int step = 1; step < 300; step++) {
        run.trainer().step(step, run.batch(step));
      }
      assertThat(run.trainer().loss()).isLessThan(first / 2);
    }
  }

  @Test
  void learningRateZeroAtStepZeroLeavesTheWeights() {
    try (WorkerPool pool = new WorkerPool(1)) {
      SmallTrainer run = SmallTrainer.of(SmallTrainer.layer().with(ConfigKey.DROPOUT, 0.0), pool);
      float[] before = run.weights().data().clone();
      run.trainer().step(0, run.batch(0));
      assertThat(run.weights().data()).isEqualTo(before);
      run.trainer().step(1, run.batch(1));
      assertThat(run.weights().data()).isNotEqualTo(before);
    }
  }

  @Test
  void aNonFiniteWeightStopsTheStepBeforeItChangesAnything() {
    try (WorkerPool pool = new WorkerPool(2)) {
      SmallTrainer run = SmallTrainer.of(SmallTrainer.layer().with(ConfigKey.DROPOUT, 0.0), pool);
      run.trainer().step(0, run.batch(0));
      run.weights().tensor("layers.1.feed_forward.up.weight").set(3, Float.NaN);
      run.trainer().panels().pack(pool, run.weights());
      float[] weights = run.weights().data().clone();
      float[] moment = run.trainer().state().getFirst().values().data().clone();
      assertThatThrownBy(() -> run.trainer().step(1, run.batch(1)))
          .isInstanceOf(NonFiniteException.class)
          .hasMessageContaining("step 1")
          .hasMessageContaining("the weight layers.1.feed_forward.up.weight");
      assertThat(run.weights().data()).isEqualTo(weights);
      assertThat(run.trainer().state().getFirst().values().data()).isEqualTo(moment);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void anOverflowIsTracedToTheLayerThatProducedIt(int shards) {
    try (WorkerPool pool = new WorkerPool(2)) {
      SmallTrainer run =
          SmallTrainer.of(
              SmallTrainer.layer().with(ConfigKey.SHARDS, shards).with(ConfigKey.DROPOUT, 0.0),
              pool);
      FloatTensor weight = run.weights().tensor("layers.1.feed_forward.up.weight");
      for (int i = 0; i < weight.size(); i++) {
        weight.set(i, Float.MAX_VALUE);
      }
      run.trainer().panels().pack(pool, run.weights());
      assertThatThrownBy(() -> run.trainer().step(0, run.batch(0)))
          .isInstanceOfSatisfying(
              NonFiniteException.class,
              e ->
                  assertThat(e.tensor())
                      .isEqualTo("the output of layers.1.feed_forward.up (forward)"));
    }
  }

  @Test
  void aBadGradientOfAFiniteLossIsTracedToTheLayerThatItBeganIn() {
    try (WorkerPool pool = new WorkerPool(1)) {
      BadKernels bad = new BadKernels();
      SmallTrainer run =
          SmallTrainer.of(SmallTrainer.layer().with(ConfigKey.DROPOUT, 0.0), bad.set(), pool);
      run.trainer().step(0, run.batch(0));
      bad.backward = true;
      float[] weights = run.weights().data().clone();
      assertThatThrownBy(() -> run.trainer().step(1, run.batch(1)))
          .isInstanceOf(NonFiniteException.class)
          .hasMessageMatching(
              "step 1: the first tensor that is not finite is the gradient of"
                  + " layers\\.1\\.feed_forward\\.up\\.(weight|bias) \\(backward\\) .*");
      assertThat(run.trainer().loss()).isFinite();
      assertThat(run.weights().data()).isEqualTo(weights);
    }
  }
}
