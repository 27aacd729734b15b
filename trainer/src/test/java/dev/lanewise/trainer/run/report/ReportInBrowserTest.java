package dev.lanewise.trainer.run.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lanewise.trainer.fixture.Chromium;
import dev.lanewise.trainer.fixture.PageProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The report in a real browser, with the Maven profile {@code browser}. */
@Tag("browser")
class ReportInBrowserTest {
  /** As the report shows it: a NUL byte is none in HTML. */
  private static final String HOSTILE = LoggedRun.HOSTILE.replace('\0', '\u2400');

  @TempDir private Path folder;

  private PageProbe probe() {
    return new PageProbe(folder.resolve("report.html"));
  }

  private JsonNode found(int steps, int width, boolean dark)
      throws IOException, InterruptedException {
    new LoggedRun(folder).report(steps, LoggedRun.HOSTILE);
    return probe().found(width, dark);
  }

  @ParameterizedTest
  @CsvSource({"1200, 100000", "400, 100000", "320, 300", "800, 1"})
  void everythingIsLaidOutWithinTheViewport(int width, int steps) throws Exception {
    JsonNode found = found(steps, width, false);

    PageProbe.requireWithinViewport(found, width);
    assertThat(found.get("plots")).hasSize(steps == 1 ? 5 : 6);
    assertThat(found.get("lines").asInt()).isEqualTo(steps == 1 ? 7 : 9);
  }

  /** Also that the mark of a spike stands within the chart, be the spike as high as it may. */
  @Test
  void valuesUnderThePointerAreReadOut() throws Exception {
    JsonNode found = found(2000, 1000, false);

    assertThat(found.get("readout").asText())
        .matches(
            "step (99\\d|1,00\\d) · training [23]\\.\\d+( \\(\\d.*\\d to \\d.*\\d\\))? · validation 4\\.\\d+");
    assertThat(found.get("cursor").asText()).matches("(49|50)\\..*%|50%");
    assertThat(found.get("readoutAfter").asText()).isEmpty();
    JsonNode plot = found.get("plots").get(0);
    assertThat(found.get("spikes")).hasSize(2);
    for (JsonNode spike : found.get("spikes")) {
      assertThat(spike.get("top").asDouble())
          .isBetween(plot.get("top").asDouble() - 16, plot.get("bottom").asDouble());
    }
  }

  @Test
  void whatUsersAndModelsWroteIsText() throws Exception {
    JsonNode found = found(100, 1000, false);

    assertThat(found.get("title").asText()).isEqualTo("a run " + HOSTILE.strip());
    assertThat(found.get("heading").asText()).isEqualTo("a run " + HOSTILE);
    assertThat(found.get("sample").asText()).isEqualTo("Once\n" + HOSTILE);
    assertThat(found.get("prompt").asText()).contains("</script><script>", "onerror=\\\"", "\\n");
    assertThat(found.get("strangers").asInt()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void itIsReadableInLightAndDark(boolean dark) throws Exception {
    JsonNode found = found(300, 1000, dark);

    PageProbe.requireReadable(found, dark);
    assertThat(found.get("texts")).hasSize(5);
    assertThat(found.get("inks")).hasSize(9);
  }

  /** What the other tests rely on: a browser complains aloud, and the policy keeps scripts out. */
  @Test
  void errorsAndForeignScriptsWouldBeSeen() throws Exception {
    String html = new LoggedRun(folder).report(10, "");
    Path report = folder.resolve("report.html");
    Files.writeString(
        report,
        html.replaceFirst("<meta http-equiv[^>]*>", "")
            .replace("'use strict';", "'use strict'; broken("));
    assertThat(probe().see(800, false).complaints()).anyMatch(line -> line.contains("SyntaxError"));
    Files.writeString(
        report, html.replace("</body>", "<script>document.title = 'taken'</script></body>"));
    Chromium.Seen seen = probe().see(800, false);
    assertThat(seen.complaints()).anyMatch(line -> line.contains("Content Security Policy"));
    assertThat(seen.document()).doesNotContain("%22taken%22");
  }
}
