package dev.lanewise.trainer.run.compare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lanewise.trainer.fixture.PageProbe;
import dev.lanewise.trainer.settings.ConfigKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page of a comparison in a real browser, with the Maven profile {@code browser}. */
@Tag("browser")
class CompareInBrowserTest {
  private static final int GROUPS = 8;

  @TempDir private Path folder;
  private Path page;

  /** More groups than there are inks, one of them with two seeds and one half as far. */
  @BeforeEach
  void writePage() throws IOException {
    List<Path> runs = new ArrayList<>();
    for (int i = 0; i <= GROUPS; i++) {
      WrittenRun run =
          WrittenRun.in(folder.resolve("a-run-with-quite-a-long-name-" + i))
              .with(ConfigKey.SEED, (long) i)
              .with(ConfigKey.LR, 1e-3 * Math.max(1, i))
              .with(ConfigKey.PROMPT, i < 2 ? "a" : "b".repeat(100))
              .taken(i == 3 ? 50 : 100);
      runs.add(run.write(2 + i));
    }
    page =
        Files.writeString(
            folder.resolve("compare.html"),
            ComparePage.html(Comparison.of(runs, warning -> {}), Instant.EPOCH));
  }

  @ParameterizedTest
  @CsvSource({"1200", "400", "320"})
  void everythingIsLaidOutWithinTheViewport(int width) throws Exception {
    JsonNode found = new PageProbe(page).found(width, false);

    PageProbe.requireWithinViewport(found, width);
    assertThat(found.get("plots")).hasSize(9);
    assertThat(found.get("lines").asInt()).isEqualTo(9 * GROUPS);
  }

  /** A run that ended before has no value there. */
  @Test
  void valuesUnderThePointerAreReadOut() throws Exception {
    String readout = new PageProbe(page).found(1000, false).get("readout").asText();

    assertThat(readout)
        .startsWith("step 50 · a-run-with-quite-a-long-name 3 (2.5 to 3.5) · ")
        .contains("a-run-with-quite-a-long-name-3 5 · ");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void itIsReadableInLightAndDark(boolean dark) throws Exception {
    JsonNode found = new PageProbe(page).found(1000, dark);

    PageProbe.requireReadable(found, dark);
    assertThat(found.get("texts").size()).isGreaterThanOrEqualTo(4);
    assertThat(found.get("inks")).hasSize(9 * GROUPS);
  }
}
