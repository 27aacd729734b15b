package dev.lanewise.trainer.run.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossReportTest {
  @TempDir private Path folder;

  private String report(int steps) throws IOException {
    Path metrics = folder.resolve("metrics.jsonl");
    try (MetricsLog log = MetricsLog.open(metrics, 0, w -> {})) {
      for (int step = 0; step < steps; step++) {
        log.step(new StepMetrics(step, 5 + 4.0 / (step + 1), 1e-3, 1, 10, 100, 1000), 100);
        if (step % 100 == 99) {
          log.evaluation(step + 1, 5.5 + 1.0 / step);
        }
      }
    }
    Path report = folder.resolve("report.html");
    LossReport.write(report, metrics, "a <run> & more", Map.of("text", "<b>.txt"));
    return Files.readString(report);
  }

  @Test
  void drawsTheCurvesAndNeedsNothingElse() throws IOException {
    String html = report(400);

    assertThat(html)
        .contains("<polyline class=\"train\"", "<polyline class=\"valid\"", "Learning rate")
        .contains("Best validation loss 5.5025")
        .doesNotContain("http", "<script", "src=", "NaN", "Infinity");
    assertThat(html.split("<circle", -1)).hasSize(5);
  }

  @Test
  void escapesWhatUsersNamed() throws IOException {
    assertThat(report(3))
        .contains("a &lt;run&gt; &amp; more", "&lt;b&gt;.txt")
        .doesNotContain("<run>", "<b>");
  }

  @Test
  void aRunWithoutStepsHasAReportToo() throws IOException {
    assertThat(report(0)).contains("<svg").doesNotContain("NaN", "Infinity", "Best");
  }

  @Test
  void aLongRunIsThinnedOut() throws IOException {
    report(10_000);
    MetricsHistory history = MetricsHistory.read(folder.resolve("metrics.jsonl"));

    assertThat(history.trainingLoss()).hasSizeBetween(1000, 2000);
    assertThat(history.trainingLoss().getLast().step()).isEqualTo(10_000);
    assertThat(history.trainingLoss().getLast().value()).isBetween(5.0, 5.01);
    assertThat(history.validationLoss()).hasSize(100);
  }
}
