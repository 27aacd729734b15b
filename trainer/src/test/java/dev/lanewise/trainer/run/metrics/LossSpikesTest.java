package dev.lanewise.trainer.run.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossSpikesTest {

  @TempDir private Path folder;

  /** Falls from 4 to 2, with noise of about a twentieth, and jumps at some steps. */
  private static double[] losses(int steps, List<Integer> jumps) {
    SplittableRandom random = new SplittableRandom(8);
    double[] losses = new double[steps];
    for (int i = 0; i < steps; i++) {
      losses[i] = 2 + 2 * Math.exp(-i / 60.0) + 0.1 * random.nextGaussian();
    }
    jumps.forEach(step -> losses[step] += 2.5);
    return losses;
  }

  private static List<Integer> spikes(double[] losses) {
    LossSpikes spikes = new LossSpikes();
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < losses.length; i++) {
      if (spikes.add(losses[i])) {
        found.add(i);
      }
    }
    return found;
  }

  @Test
  void jumpsAreFoundAndNoiseIsNot() {
    List<Integer> jumps = List.of(100, 101, 300, 417);
    assertThat(spikes(losses(500, jumps))).isEqualTo(jumps);
    assertThat(spikes(losses(5000, List.of()))).isEmpty();
  }

  @Test
  void aLossThatHardlyVariesMayVaryByATwentieth() {
    double[] losses = new double[100];
    Arrays.fill(losses, 2);
    losses[50] = 2.09;
    losses[70] = 2.11;
    assertThat(spikes(losses)).containsExactly(70);
  }

  @Test
  void whatIsNotFiniteIsLeftOut() {
    double[] losses = losses(200, List.of(150));
    losses[149] = Double.NaN;
    losses[120] = Double.POSITIVE_INFINITY;
    assertThat(spikes(losses)).containsExactly(150);
  }

  @Test
  void aResumedLogFlagsTheSameSteps() throws IOException {
    double[] losses = losses(200, List.of(70, 110, 150));
    Path whole = folder.resolve("whole.jsonl");
    log(whole, losses, 0, 200);
    assertThat(Files.readString(whole)).containsPattern("\"step\":110,.*\"spike\":true");
    assertThat(Files.readAllLines(whole))
        .filteredOn(line -> line.endsWith("\"spike\":true}"))
        .hasSize(3);

    for (int resumed : new int[] {60, 105, 110, 111, 151}) {
      Path parts = folder.resolve(resumed + ".jsonl");
      log(parts, losses, 0, resumed + 5);
      log(parts, losses, resumed, 200);
      assertThat(parts).hasSameTextualContentAs(whole);
    }
  }

  private static void log(Path file, double[] losses, int from, int to) throws IOException {
    try (MetricsLog log = MetricsLog.open(file, from, w -> {})) {
      for (int i = from; i < to; i++) {
        log.step(new StepMetrics(i, losses[i], 1e-3, 1, 5, 100, 1000), 100, MemoryUse.UNKNOWN);
      }
    }
  }
}
