package dev.lanewise.trainer.run.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lanewise.trainer.run.metrics.MetricsHistory;
import dev.lanewise.trainer.run.page.Html;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.Preset;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {
  private static final int MEGABYTE = 1 << 20;

  @TempDir private Path folder;

  private String report(int steps, String sample) throws IOException {
    return new LoggedRun(folder).report(steps, sample);
  }

  private static int count(String html, String part) {
    return html.split(java.util.regex.Pattern.quote(part), -1).length - 1;
  }

  @Test
  void showsAllThatARunLogs() throws IOException {
    String html = report(2000, " upon a time");

    for (String chart :
        new String[] {
          "Loss", "Loss, second half", "Gradient norm", "Throughput", "Memory", "Learning rate"
        }) {
      assertThat(html).contains("<figcaption><span><b>" + chart + "</b>");
    }
    assertThat(html)
        .contains("After 2,000 of 4,000 steps, on 1970-01-01 00:00:00 UTC")
        .contains("best validation loss", "3.0010", "perplexity 20.11, after 2,000 steps")
        .contains("tokens per second", "time in steps", "to go", "memory, at most")
        .doesNotContain("NaN", "Infinity");
  }

  @Test
  void saysOfWhichTemperatureTheTrainingLossIs() throws IOException {
    ConfigLayer flat = ConfigLayer.empty().with(ConfigKey.LOSS_TEMPERATURE, 0.75);

    assertThat(new LoggedRun(folder).report(100, "", flat))
        .contains("training, at temperature 0.75", "training loss, at temperature 0.75");
    assertThat(new LoggedRun(folder).report(100, "")).doesNotContain("at temperature");
  }

  @Test
  void marksSpikesAndSkippedSteps() throws IOException {
    String html = report(2000, "");

    assertThat(html)
        .containsPattern("<title>step 500: 4\\d\\.\\d+</title><use href=\"#spike\" x=\"25\\.")
        .contains("<title>step 1,500: ", "spikes (2)", "higher ones cut off")
        .contains("<title>step 700</title><use href=\"#skip\"", "skipped steps (1)");
  }

  @Test
  void listsSamplesTheLatestFirst() throws IOException {
    String html = report(200, " upon\n<a> time");

    assertThat(count(html, "<details")).isEqualTo(20);
    assertThat(html.indexOf("after 200 steps <small>"))
        .isPositive()
        .isLessThan(html.indexOf("after 190 steps <small>"));
    assertThat(html)
        .contains("<pre><span class=\"prompt\">Once\n</span> upon\n&lt;a&gt; time</pre>")
        .contains("validation loss 3.0100");
  }

  @Test
  void listsEverySetting() throws IOException {
    String html = report(10, "");

    for (ConfigKey key : ConfigKey.values()) {
      assertThat(html)
          .contains("<th scope=\"row\">" + key.key() + "</th>")
          .contains("<td>" + Html.escape(key.description()) + "</td>");
    }
    assertThat(html).contains("<th scope=\"row\">steps</th><td>20</td>");
  }

  @Test
  void whatUsersAndModelsWroteIsText() throws IOException {
    String html = report(100, LoggedRun.HOSTILE);

    assertThat(count(html, "<script")).as("scripts").isEqualTo(1);
    assertThat(count(html, "</script>")).isEqualTo(1);
    assertThat(html)
        .doesNotContain("<img", "</pre><style>", "\0")
        .contains("&lt;/script&gt;&lt;script&gt;", "&amp;amp;\u2400{{title}}")
        .contains("onerror=&quot;");
  }

  /** The policy allows no script but the page's own, whose hash it names, and nothing from afar. */
  @Test
  void needsNothingElse() throws Exception {
    String html = report(100, "");
    String script = html.substring(html.indexOf("<script>") + 8, html.indexOf("</script>"));
    byte[] hash =
        java.security.MessageDigest.getInstance("SHA-256")
            .digest(script.getBytes(StandardCharsets.UTF_8));

    assertThat(html)
        .contains(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-%s';"
                .formatted(java.util.Base64.getEncoder().encodeToString(hash)))
        .doesNotContain("url(", "@import")
        .doesNotContainPattern("<[^>]*\\s(?:src|href)=(?!\"#)");
    assertThat(html.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http:", "https:");
  }

  @Test
  void aRunWithoutStepsHasAReportToo() throws IOException {
    assertThat(report(0, ""))
        .contains("After 0 of 0 steps", "<b>Loss</b>", "There are none yet.")
        .doesNotContain("NaN", "Infinity", "Throughput", "<details");
    assertThat(report(1, "")).contains("<b>Throughput</b>").doesNotContain("NaN", "Infinity");
  }

  /** Samples of the worst kind: every character of them takes six bytes. */
  @Test
  void ofAnyLengthItIsShortAndMadeInBoundedMemory() throws IOException {
    String worst = "\"".repeat(20_000);
    long few = report(10_000, worst).getBytes(StandardCharsets.UTF_8).length;
    long many = report(100_000, worst).getBytes(StandardCharsets.UTF_8).length;

    assertThat(many).isLessThan(MEGABYTE);
    assertThat((double) many / few).isBetween(0.8, 1.25);

    MetricsHistory history = MetricsHistory.read(folder.resolve("metrics.jsonl"), 100_000, w -> {});
    assertThat(history.completedSteps()).isEqualTo(100_000);
    RunReport.Subject subject =
        new RunReport.Subject("a run", Map.of(), Preset.CHAPTER.layer().toSettings());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    RunReport.write(folder.resolve("again.html"), history, subject, Instant.EPOCH);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64 * MEGABYTE);
    assertThat(Files.size(folder.resolve("again.html"))).isBetween(100_000L, (long) MEGABYTE);
  }
}
