package dev.lanewise.trainer.run.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The report in a real browser, with the Maven profile {@code browser}: a page around it says how
 * it is laid out, how it is coloured, and what its texts have become.
 */
@Tag("browser")
class ReportInBrowserTest {
  private static final Path PROBE = Path.of("src", "test", "browser", "probe.html");
  private static final Pattern FOUND = Pattern.compile("FOUND([^<]*)END");
  private static final Pattern COLOUR = Pattern.compile("rgb\\((\\d+), (\\d+), (\\d+)\\)");

  /** As the report shows it: a NUL byte is none in HTML. */
  private static final String HOSTILE = LoggedRun.HOSTILE.replace('\0', '\u2400');

  @TempDir private Path folder;

  private Chromium.Seen see(int width, boolean dark) throws IOException, InterruptedException {
    Path probe = folder.resolve("probe.html");
    Files.writeString(probe, Files.readString(PROBE).replace("WIDTH", String.valueOf(width)));
    return Chromium.in(folder).see(probe, dark);
  }

  private JsonNode found(int steps, int width, boolean dark)
      throws IOException, InterruptedException {
    new LoggedRun(folder).report(steps, LoggedRun.HOSTILE);
    Chromium.Seen seen = see(width, dark);
    assertThat(seen.complaints()).isEmpty();
    Matcher found = FOUND.matcher(seen.document());
    assertThat(found.find()).as(seen.document()).isTrue();
    return new ObjectMapper().readTree(URLDecoder.decode(found.group(1), StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({"1200, 100000", "400, 100000", "320, 300", "800, 1"})
  void everythingIsLaidOutWithinTheViewport(int width, int steps) throws Exception {
    JsonNode found = found(steps, width, false);

    assertThat(found.get("viewport").asInt()).isBetween(width - 20, width);
    assertThat(found.get("width").asInt()).isLessThanOrEqualTo(found.get("viewport").asInt());
    assertThat(found.get("plots")).hasSize(steps == 1 ? 5 : 6);
    assertThat(found.get("lines").asInt()).isEqualTo(steps == 1 ? 7 : 9);
    for (String kind : new String[] {"plots", "labels", "blocks"}) {
      for (JsonNode box : found.get(kind)) {
        assertThat(box.get("left").asDouble()).as("%s %s", kind, box).isNotNegative();
        assertThat(box.get("right").asDouble())
            .as("%s %s", kind, box)
            .isLessThanOrEqualTo(found.get("viewport").asDouble());
      }
    }
    // Of a narrow screen more than half is left for the plot.
    double narrow = Math.min(200, found.get("viewport").asDouble() / 2);
    for (JsonNode plot : found.get("plots")) {
      assertThat(plot.get("right").asDouble() - plot.get("left").asDouble()).isGreaterThan(narrow);
      assertThat(plot.get("bottom").asDouble() - plot.get("top").asDouble()).isGreaterThan(150);
    }
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

    double card = luminance(found.get("card").asText());
    double page = luminance(found.get("page").asText());
    if (dark) {
      assertThat(List.of(card, page)).allMatch(value -> value < 0.03);
    } else {
      assertThat(List.of(card, page)).allMatch(value -> value > 0.85);
    }
    for (JsonNode text : found.get("texts")) {
      assertThat(contrast(card, luminance(text.asText()))).as("%s", text).isGreaterThan(4.5);
    }
    assertThat(found.get("inks")).hasSize(9);
    for (JsonNode ink : found.get("inks")) {
      assertThat(contrast(card, luminance(ink.asText()))).as("%s", ink).isGreaterThan(3);
    }
  }

  /** As WCAG 2 defines it. */
  private static double contrast(double a, double b) {
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  private static double luminance(String colour) {
    Matcher matcher = COLOUR.matcher(colour);
    assertThat(matcher.matches()).as(colour).isTrue();
    List<Double> linear = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      double share = Integer.parseInt(matcher.group(i)) / 255.0;
      linear.add(share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4));
    }
    return 0.2126 * linear.get(0) + 0.7152 * linear.get(1) + 0.0722 * linear.get(2);
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
    assertThat(see(800, false).complaints()).anyMatch(line -> line.contains("SyntaxError"));
    Files.writeString(
        report, html.replace("</body>", "<script>document.title = 'taken'</script></body>"));
    Chromium.Seen seen = see(800, false);
    assertThat(seen.complaints()).anyMatch(line -> line.contains("Content Security Policy"));
    assertThat(seen.document()).doesNotContain("%22taken%22");
  }
}
