package dev.lanewise.trainer.run.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.settings.ConfigKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparePageTest {
  private static final int MEGABYTE = 1 << 20;

  @TempDir private Path folder;

  private static String page(List<Path> runs) throws IOException {
    return ComparePage.html(Comparison.of(runs, warning -> {}), Instant.EPOCH);
  }

  private WrittenRun run(String name) {
    return WrittenRun.in(folder.resolve(name));
  }

  private static List<String> found(String pattern, String html) {
    List<String> groups = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(html);
    while (matcher.find()) {
      groups.add(matcher.group(1));
    }
    return groups;
  }

  /** Two seeds that end at 2 and at 3, and a run with twice the batch and half as far. */
  private List<Path> threeRuns() throws IOException {
    return List.of(
        run("a-1").with(ConfigKey.SEED, 1L).write(2),
        run("a-2").with(ConfigKey.SEED, 2L).write(3),
        run("b").with(ConfigKey.BATCH, 4).taken(50).write(4));
  }

  @Test
  void hasEveryChartWithALineForEachGroup() throws IOException {
    String html = page(threeRuns());

    assertThat(found("<figcaption><span><b>([^<]*)</b> <span class=\"unit\">([^<]*)", html))
        .containsExactly(
            "Validation loss",
            "Validation loss, second half",
            "Training loss",
            "Validation loss",
            "Training loss",
            "Validation loss",
            "Training loss",
            "Learning rate",
            "Gradient norm");
    assertThat(found("data-across=\"([^\"]*)\"", html))
        .containsExactly(
            "step", "step", "step", "tokens", "tokens", "seconds", "seconds", "step", "step");
    assertThat(found("<path class=\"line [^\"]*\" [^>]*data-name=\"([^\"]*)\"", html))
        .hasSize(18)
        .startsWith("a", "b", "a", "b");
    assertThat(html)
        .contains("3 runs compared", "As they were on 1970-01-01 00:00:00 UTC")
        .contains("50 of 100", "2.5000 ± 0.7071")
        .doesNotContain("NaN", "Infinity");
  }

  @Test
  void theLineOfAGroupIsTheMeanAndItsBandTheSeeds() throws IOException {
    String html = page(threeRuns());

    assertThat(found("class=\"line ink0\" [^>]*data-step=\"([^\"]*)\"", html).getFirst())
        .isEqualTo("10 20 30 40 50 60 70 80 90 100");
    assertThat(found("class=\"line ink0\" [^>]*data-mean=\"([^\"]*)\"", html).getFirst())
        .startsWith("3.4 3.3 ")
        .endsWith(" 2.5");
    assertThat(found("class=\"line ink0\" [^>]*data-least=\"([^\"]*)\"", html).getFirst())
        .startsWith("2.9 ")
        .endsWith(" 2");
    assertThat(found("class=\"line ink0\" [^>]*data-most=\"([^\"]*)\"", html).getFirst())
        .startsWith("3.9 ")
        .endsWith(" 3");
  }

  /** A step of b has 4 x 16 tokens, of a 2 x 16; each took 10 ms. */
  @Test
  void tokensAndSecondsAreThoseOfTheSteps() throws IOException {
    List<String> places =
        found("class=\"line ink1\" [^>]*data-step=\"([^\"]*)\"", page(threeRuns()));

    assertThat(places.get(0)).isEqualTo("10 20 30 40 50");
    assertThat(places.get(3)).isEqualTo("640 1280 1920 2560 3200");
    assertThat(places.get(5)).isEqualTo("0.1 0.2 0.3 0.4 0.5");
  }

  @Test
  void namesOfFoldersAndValuesAreText() throws IOException {
    String hostile = "<script>document.title='taken'<script>";
    String html =
        page(
            List.of(
                run("a" + hostile).with(ConfigKey.PROMPT, hostile).write(1),
                run("b").with(ConfigKey.PROMPT, "</td>{{title}}").write(1)));

    assertThat(found("(<script)", html)).hasSize(1);
    assertThat(html)
        .contains("a&lt;script&gt;", "&quot;&lt;script&gt;", "&lt;/td&gt;{{title}}")
        .contains("script-src 'sha256-")
        .doesNotContainPattern("<[^>]*\\s(?:src|href)=(?!\"#)");
  }

  @Test
  void itStaysSmallWhateverTheLengthOfTheRuns() throws IOException {
    List<Path> runs = new ArrayList<>();
    for (long seed = 1; seed <= 4; seed++) {
      runs.add(
          run("long-" + seed)
              .with(ConfigKey.STEPS, 100_000L)
              .with(ConfigKey.SEED, seed)
              .with(ConfigKey.LR, Math.floorDiv(seed, 2L) * 1e-3)
              .taken(100_000)
              .write(2 + seed * 0.1));
    }
    String html = page(runs);

    assertThat(html).contains("long-1", "1e-3", "2.2500 ± 0.0707");
    assertThat(html.getBytes(StandardCharsets.UTF_8).length).isLessThan(MEGABYTE / 2);
  }

  @Test
  void runsThatHaveLoggedNothingHaveAPageToo() throws IOException {
    assertThat(page(List.of(run("a").taken(0).write(0))))
        .contains("1 run compared", "0 of 100")
        .doesNotContain("NaN", "Infinity", "<b>Training loss");
  }
}
