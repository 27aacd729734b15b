package dev.lanewise.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.trainer.fixture.SmallTrainer;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.text.token.PackedStep;
import dev.lanewise.trainer.text.token.PackedWindows;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Six windows of 13 rows to a micro-batch, of documents of different lengths. */
class PackedStepTest {

  private static final int CONTEXT = 13;
  private static final int[][] LENGTHS = {{13}, {5, 8}, {1, 2, 3}, {}, {4, 4, 4, 1}, {12}};

  /** The documents of a step, each with its ids and its targets; windows may be empty. */
  private static PackedStep step(int microBatches, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    PackedStep step = PackedStep.of(microBatches, LENGTHS.length, CONTEXT);
    for (PackedWindows micro : step.packed()) {
      for (int[] window : LENGTHS) {
        for (int length : window) {
          int[] ids = random.ints(length, 0, SmallTrainer.VOCABULARY).toArray();
          int[] targets = random.ints(length, 0, SmallTrainer.VOCABULARY).toArray();
          for (int i = 0; i < length - 1; i++) {
            targets[i] = random.nextInt(3) == 0 ? Batch.UNCOUNTED : targets[i];
          }
          micro.add(ids, targets, 0, length);
        }
        micro.endWindow();
      }
    }
    return step;
  }

  private static ConfigLayer layer(boolean tables) {
    return (tables ? SmallTrainer.tables() : SmallTrainer.layer())
        .with(ConfigKey.ACCUMULATION, 2)
        .with(ConfigKey.SHARDS, 3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theNumberOfThreadsDoesNotShow(boolean tables) {
    float[][] weights = new float[4][];
    double[] losses = new double[4];
    for (int threads = 1; threads <= 4; threads++) {
      try (WorkerPool pool = new WorkerPool(threads)) {
        SmallTrainer run = SmallTrainer.of(layer(tables), VectorKernels.create(), pool);
        for (long at = 0; at < 7; at++) {
          run.trainer().step(at, step(2, at));
        }
        run.trainer().settle(7);
        weights[threads - 1] = run.weights().data();
        losses[threads - 1] = run.trainer().loss();
      }
    }
    for (int i = 1; i < 4; i++) {
      assertThat(weights[i]).isEqualTo(weights[0]);
      assertThat(losses[i]).isEqualTo(losses[0]);
    }
  }

  /** Alone a document sees nothing but itself; so it must be where it shares a window. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theLossIsTheMeanOfEachDocumentAlone(boolean tables) {
    try (WorkerPool pool = new WorkerPool(2)) {
      // At a rate of 0 no weight changes.
      SmallTrainer run =
          SmallTrainer.of(
              layer(tables)
                  .with(ConfigKey.DROPOUT, 0.0)
                  .with(ConfigKey.LR, 0.0)
                  .with(ConfigKey.MIN_LR, 0.0),
              VectorKernels.create(),
              pool);
      PackedStep packed = step(2, 3);
      run.trainer().step(0, packed);
      double together = run.trainer().loss();
      assertThat(run.trainer().counted()).isEqualTo((int) packed.counted());
      assertThat(run.trainer().rows()).isEqualTo(2 * 57);
      float[] gradient = run.trainer().gradients().data().clone();

      double sum = 0;
      long at = 0;
      double[] gradients = new double[gradient.length];
      for (PackedWindows micro : packed.packed()) {
        for (int window = 0; window < micro.windows(); window++) {
          int first = 0;
          for (int length : micro.documents(window)) {
            PackedStep alone = PackedStep.of(1, LENGTHS.length, CONTEXT);
            PackedWindows only = alone.packed().getFirst();
            only.add(micro.rows(window, false), micro.rows(window, true), first, length);
            only.endWindow();
            for (int rest = 1; rest < LENGTHS.length; rest++) {
              only.endWindow();
            }
            run.trainer().step(++at, alone);
            double weight = (double) alone.counted() / packed.counted();
            sum += weight * run.trainer().loss();
            for (int i = 0; i < gradients.length; i++) {
              gradients[i] += weight * run.trainer().gradients().data()[i];
            }
            first += length;
          }
        }
      }
      assertThat(together).isCloseTo(sum, within(1e-6));
      for (int i = 0; i < gradients.length; i++) {
        assertThat((double) gradient[i]).isCloseTo(gradients[i], within(1e-6));
      }
    }
  }

  /** What the step before has left in a shard's gradients must not be taken for its own. */
  @Test
  void aShardWithoutARowAddsNothing() {
    try (WorkerPool pool = new WorkerPool(2)) {
      SmallTrainer one = SmallTrainer.of(layer(false), VectorKernels.create(), pool);
      SmallTrainer fresh = SmallTrainer.of(layer(false), VectorKernels.create(), pool);
      PackedStep few = PackedStep.of(2, LENGTHS.length, CONTEXT);
      for (PackedWindows micro : few.packed()) {
        micro.add(new int[] {1, 2, 3}, new int[] {2, 3, 4}, 0, 3);
        for (int i = 0; i < LENGTHS.length; i++) {
          micro.endWindow();
        }
      }
      one.trainer().step(0, step(2, 1));
      one.trainer().step(0, few);
      fresh.trainer().step(0, few);
      assertThat(one.trainer().gradients().data()).isEqualTo(fresh.trainer().gradients().data());
      assertThat(one.trainer().loss()).isEqualTo(fresh.trainer().loss());
    }
  }

  /** Windows with one document each are windows of a text. */
  @Test
  void fullWindowsAreThoseOfAText() {
    try (WorkerPool pool = new WorkerPool(2)) {
      SmallTrainer text = SmallTrainer.of(layer(true), VectorKernels.create(), pool);
      SmallTrainer packed = SmallTrainer.of(layer(true), VectorKernels.create(), pool);
      for (long at = 0; at < 3; at++) {
        int[][] ids = text.rows(at, 0);
        int[][] targets = text.rows(at, 1);
        PackedStep step = PackedStep.of(2, 6, CONTEXT);
        for (int micro = 0; micro < 2; micro++) {
          for (int window = 0; window < 6; window++) {
            step.packed().get(micro).add(ids[micro], targets[micro], window * CONTEXT, CONTEXT);
            step.packed().get(micro).endWindow();
          }
        }
        text.trainer().step(at, text.batch(at));
        packed.trainer().step(at, step);
        assertThat(packed.weights().data()).isEqualTo(text.weights().data());
        assertThat(packed.trainer().flops()).isEqualTo(text.trainer().flops());
      }
    }
  }
}
