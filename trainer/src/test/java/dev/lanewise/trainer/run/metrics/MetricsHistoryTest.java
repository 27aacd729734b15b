package dev.lanewise.trainer.run.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.run.metrics.MetricsHistory.Evaluation;
import dev.lanewise.trainer.run.metrics.MetricsHistory.Sample;
import dev.lanewise.trainer.run.metrics.StepColumns.Column;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsHistoryTest {
  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("metrics.jsonl");
  }

  private static StepMetrics step(long step, double loss) {
    return new StepMetrics(step, loss, 1e-3 * step, 2.5, 20, 100, 1000);
  }

  private static List<Double> means(StepColumns columns) {
    return columns.columns().stream().map(Column::mean).toList();
  }

  /** What the log has gathered is what is in the file. */
  private static void requireSame(MetricsHistory a, MetricsHistory b) {
    assertThat(a).usingRecursiveComparison().isEqualTo(b);
  }

  @Test
  void hasWhatWasLogged() throws IOException {
    try (MetricsLog log = MetricsLog.open(file(), 0, w -> {})) {
      log.step(step(0, 4), 100, new MemoryUse(1e6, 5e6));
      log.step(step(1, 3), 100, MemoryUse.UNKNOWN);
      log.skipped(2, "the loss is not finite");
      log.evaluation(3, 3.5);
      log.sample(3, "a", "b");
      log.step(step(3, 2), 100, new MemoryUse(2e6, Double.NaN));

      MetricsHistory history = log.history();
      assertThat(means(history.trainingLoss())).containsExactly(4.0, 3.0, 2.0);
      assertThat(means(history.learningRate())).containsExactly(0.0, 1e-3, 1e-3 * 3);
      assertThat(means(history.gradientNorm())).containsExactly(2.5, 2.5, 2.5);
      assertThat(means(history.tokensPerSecond())).containsExactly(5000.0, 5000.0, 5000.0);
      assertThat(means(history.heapBytes())).containsExactly(1e6, 2e6);
      assertThat(means(history.residentBytes())).containsExactly(5e6);
      assertThat(means(history.validationLoss())).containsExactly(3.5);
      assertThat(history.skippedSteps().columns()).containsExactly(new Column(2, 1, 1, 1, 2, 1));
      assertThat(history.samples()).containsExactly(new Sample(3, 3.5, "a", "b"));
      assertThat(history.bestEvaluation()).contains(new Evaluation(3, 3.5));
      assertThat(history.completedSteps()).isEqualTo(4);
      assertThat(history.totalMilliseconds()).isEqualTo(60);
      requireSame(history, MetricsHistory.read(file(), Long.MAX_VALUE, Assertions::fail));
    }
  }

  @Test
  void aResumedLogHasTheHistoryOfTheFile() throws IOException {
    try (MetricsLog log = MetricsLog.open(file(), 0, w -> {})) {
      for (int i = 0; i < 60; i++) {
        log.step(step(i, i == 50 ? 9 : 3 + 1e-3 * (i % 7)), 100, MemoryUse.UNKNOWN);
        if (i % 10 == 9) {
          log.evaluation(i + 1, 3);
          log.sample(i + 1, "a", "b" + i);
        }
      }
      assertThat(log.history().spikes().columns()).containsExactly(new Column(50, 9, 9, 9, 50, 1));
    }
    try (MetricsLog log = MetricsLog.open(file(), 55, w -> {})) {
      assertThat(log.history().completedSteps()).isEqualTo(55);
      assertThat(log.history().sampleCount()).isEqualTo(5);
      requireSame(log.history(), MetricsHistory.read(file(), Long.MAX_VALUE, Assertions::fail));
    }
  }

  @Test
  void ofManySamplesSomeAreKeptTheFirstAndTheLastAmongThem() throws IOException {
    int most = 2 * MetricsHistory.LEAST_SAMPLES;
    try (MetricsLog log = MetricsLog.open(file(), 0, w -> {})) {
      for (int i = 0; i < 500; i++) {
        log.step(step(i, 3), 100, MemoryUse.UNKNOWN);
        log.sample(i + 1, "", "sample " + i);
        List<Sample> samples = log.history().samples();
        assertThat(samples).hasSizeBetween(Math.min(i + 1, MetricsHistory.LEAST_SAMPLES), most);
        assertThat(samples.getFirst().text()).isEqualTo("sample 0");
        assertThat(samples.getLast().text()).isEqualTo("sample " + i);
        assertThat(samples).extracting(Sample::completedSteps).isSorted().doesNotHaveDuplicates();
      }
      assertThat(log.history().sampleCount()).isEqualTo(500);
    }
  }

  /** Lines as they were before there was memory, or anything but the loss. */
  @Test
  void linesOfOlderVersionsAreRead() throws IOException {
    Files.writeString(
        file(),
        """
        {"type":"step","step":0,"loss":4.5,"lr":0.0,"grad_norm":0.5,"ms":50.5,"tokens_per_s":91.5,"gflops":0.5,"peak_fraction":0.5}
        {"type":"step","step":1,"loss":4.25,"lr":0.5,"ms":25.5}
        {"type":"evaluation","step":2,"val_loss":4.125,"val_perplexity":61.9}
        """);
    MetricsHistory history = MetricsHistory.read(file(), Long.MAX_VALUE, Assertions::fail);

    assertThat(means(history.trainingLoss())).containsExactly(4.5, 4.25);
    assertThat(means(history.gradientNorm())).containsExactly(0.5);
    assertThat(history.heapBytes().columns()).isEmpty();
    assertThat(history.samples()).isEmpty();
    try (MetricsLog log = MetricsLog.open(file(), 2, w -> {})) {
      requireSame(log.history(), history);
    }
  }
}
