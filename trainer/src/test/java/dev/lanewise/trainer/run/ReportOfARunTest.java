package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When report.html is written, and what a run puts into it. */
class ReportOfARunTest {
  private static final Pattern STATE = Pattern.compile("After (\\d+) of (\\d+) steps");

  @TempDir private Path folder;

  private RunFolder run() {
    return new RunFolder(folder.resolve("run"));
  }

  /** How many steps the report is of; -1 if there is none. */
  private long stepsOfReport() {
    try {
      if (!Files.exists(run().report())) {
        return -1;
      }
      Matcher state = STATE.matcher(Files.readString(run().report()));
      assertThat(state.find()).isTrue();
      return Long.parseLong(state.group(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What there is of the report at each step, and at the end. */
  private List<Long> reports(long every) throws IOException {
    List<Long> reports = new ArrayList<>();
    SmallRun.in(run().path())
        .with(ConfigKey.REPORT_EVERY, every)
        .train(
            new RecordingListener() {
              @Override
              public void onStep(StepMetrics metrics) {
                reports.add(stepsOfReport());
              }
            });
    reports.add(stepsOfReport());
    return reports;
  }

  @Test
  void itIsWrittenAtEachEvaluation() throws IOException {
    assertThat(reports(0)).containsExactly(-1L, -1L, 2L, 2L, 4L, 4L, 6L);
  }

  @Test
  void itIsWrittenAsOftenAsAsked() throws IOException {
    assertThat(reports(1)).containsExactly(-1L, 1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void itIsWrittenAtTheEndInAnyCase() throws IOException {
    assertThat(reports(1000)).containsExactly(-1L, -1L, -1L, -1L, -1L, -1L, 6L);
  }

  @Test
  void aResumedRunHasTheStepsAndSamplesOfBothItsParts() throws IOException {
    SmallRun first = SmallRun.in(run().path()).with(ConfigKey.SAMPLE_TOKENS, 4);
    first.train(new RecordingListener());
    first
        .resumed()
        .with(ConfigKey.STEPS, 8L)
        .with(ConfigKey.REPORT_EVERY, 3L)
        .train(new RecordingListener());

    assertThat(Files.readString(run().report()))
        .contains("After 8 of 8 steps", "after 2 steps <small>", "after 8 steps <small>")
        .contains("<span class=\"prompt\">to</span>")
        .contains("<dt>text</dt><dd>a text, ", "<th scope=\"row\">report_every</th><td>3</td>");
    assertThat(Files.readString(run().metrics()).lines())
        .filteredOn(line -> line.contains("\"type\":\"sample\""))
        .hasSize(4)
        .first()
        .asString()
        .startsWith("{\"type\":\"sample\",\"step\":2,\"prompt\":\"to\",\"text\":\"");
  }
}
