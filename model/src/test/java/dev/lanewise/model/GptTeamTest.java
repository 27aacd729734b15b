package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.layer.Pass;
import java.util.Arrays;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who goes through the model together gets the bits that one alone would get. */
class GptTeamTest {

  private static final int SEQUENCES = 3;
  private static final float SCALE = 0.01f;

  /** All losses, and all gradients. */
  private static final class Outcome {

    final double[] sums;
    final float[] losses;
    final float[] gradients;

    Outcome(double[] sums, float[] losses, float[] gradients) {
      this.sums = sums;
      this.losses = losses;
      this.gradients = gradients;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, true, true, 0.1",
    "3, true, false, 0",
    "4, false, true, 0.2",
    "7, false, false, 0"
  })
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aTeamHasTheBitsOfOne(int members, boolean biases, boolean tiedHead, float dropout) {
    GptConfig config = TestModel.config(biases, tiedHead, dropout);
    for (KernelSet kernels : new KernelSet[] {VectorKernels.create(), ScalarKernels.create()}) {
      assertSame(config, kernels, members, 13);
    }
  }

  /**
   * Weights larger than the activations are read in place; a page's width is copied; there are
   * fewer rows than members.
   */
  @ParameterizedTest
  @CsvSource({"2, true, 3", "3, false, 2", "7, true, 1"})
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void alsoWithFewRowsAndWideLayers(int members, boolean tiedHead, int time) {
    GptConfig config = new GptConfig(513, 3, 192, 4, 2, 1024, true, tiedHead, 0.1f);
    assertSame(config, VectorKernels.create(), members, time);
  }

  /** The head goes through its rows in several blocks. */
  @ParameterizedTest
  @CsvSource({"2, true", "3, false"})
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void alsoWithManyRows(int members, boolean tiedHead) {
    GptConfig config = new GptConfig(67, 230, 32, 2, 1, 80, true, tiedHead, 0);
    assertSame(config, VectorKernels.create(), members, 230);
  }

  private static void assertSame(GptConfig config, KernelSet kernels, int members, int time) {
    Outcome alone = outcome(config, kernels, 1, time);
    Outcome team = outcome(config, kernels, members, time);

    assertThat(team.sums).isEqualTo(alone.sums);
    assertThat(team.losses).isEqualTo(alone.losses);
    assertThat(team.gradients).isEqualTo(alone.gradients);
    assertThat(alone.gradients).doesNotContain(Float.NaN);
  }

  /** A fresh backward, one that adds to it with fewer sequences, and an evaluation. */
  private static Outcome outcome(GptConfig config, KernelSet kernels, int members, int time) {
    TestModel model = new TestModel(config, kernels, SEQUENCES);
    int[] windows = model.randomWindows(SEQUENCES, time);
    Arrays.fill(model.gradients.data(), Float.NaN);
    double[] sums = new double[3 * members];
    try (WorkerPool pool = new WorkerPool(members)) {
      Pass[] passes = model.gpt.newPasses(new Team(pool, members));
      Arrays.fill(passes[0].activations(), Float.NaN);
      pool.run(
          members,
          (member, worker) -> {
            Pass pass = passes[member];
            pass.bind(model.weights.data(), model.panels, model.gradients.data());
            pass.feed(windows, 0, SEQUENCES, time);
            pass.train(5, 2, 7);
            sums[3 * member] = model.gpt.lossAndGradients(pass, SCALE);
            pass.feed(windows, time + 1, 2, time);
            pass.train(5, 2, 70);
            sums[3 * member + 1] = model.gpt.lossAndGradients(pass, SCALE);
            pass.feed(windows, 0, SEQUENCES, time);
            pass.evaluate();
            sums[3 * member + 2] = model.gpt.loss(pass);
          });
      for (int i = 3; i < sums.length; i++) {
        assertThat(sums[i]).as("every member gets the same").isEqualTo(sums[i % 3]);
      }
      return new Outcome(
          Arrays.copyOf(sums, 3), passes[0].losses().clone(), model.gradients.data().clone());
    }
  }
}
