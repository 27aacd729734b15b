package dev.lanewise.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.trainer.fixture.SmallTrainer;
import dev.lanewise.trainer.settings.ConfigKey;
import org.junit.jupiter.api.Test;

/** Two batches of six are one batch of twelve, as far as rounding goes. */
class AccumulationTest {

  @Test
  void microBatchesAreOneBatch() {
    KernelSet kernels = VectorKernels.create();
    try (WorkerPool pool = new WorkerPool(2)) {
      SmallTrainer parts =
          SmallTrainer.of(
              SmallTrainer.layer()
                  .with(ConfigKey.SHARDS, 3)
                  .with(ConfigKey.ACCUMULATION, 2)
                  .with(ConfigKey.DROPOUT, 0.0),
              kernels,
              pool);
      SmallTrainer whole =
          SmallTrainer.of(
              SmallTrainer.layer()
                  .with(ConfigKey.BATCH, 12)
                  .with(ConfigKey.SHARDS, 3)
                  .with(ConfigKey.DROPOUT, 0.0),
              kernels,
              pool);
      assertThat(parts.trainer().costs().targets()).isEqualTo(whole.trainer().costs().targets());
      for (int step = 0; step < 6; step++) {
        int[][] micro = parts.batch(step);
        parts.trainer().step(step, micro);
        whole.trainer().step(step, new int[][] {joined(micro)});
        // After warm-up has begun the losses are those of weights that the gradients have changed.
        assertThat(parts.trainer().loss())
            .as("loss of step %d", step)
            .isCloseTo(whole.trainer().loss(), within(2e-6));
        assertThat(parts.trainer().gradientNorm())
            .as("gradient norm of step %d", step)
            .isCloseTo(whole.trainer().gradientNorm(), within(2e-5));
      }
    }
  }

  private static int[] joined(int[][] micro) {
    int[] all = new int[micro[0].length + micro[1].length];
    System.arraycopy(micro[0], 0, all, 0, micro[0].length);
    System.arraycopy(micro[1], 0, all, micro[0].length, micro[1].length);
    return all;
  }
}
