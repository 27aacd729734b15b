package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Trains with a recording, and asks where the time went. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProfileCommandTest {

  private static final int STEPS = 12;

  private static final String TINY =
      " --tokenizer char --layers 2 --d-model 16 --heads 2 --d-ff 32 --context 16 --batch 4"
          + " --shards 1 --dropout 0.1 --lr 1e-2 --evaluate-every 6 --checkpoint-every 6"
          + " --sample-tokens 0 --threads 2";

  /** Those of a GPT with dropout, each forward and backward. */
  private static final List<String> LAYERS =
      List.of(
          "embedding",
          "positions",
          "dropout",
          "layers.0.attention_norm",
          "layers.0.attention.qkv",
          "layers.0.attention.core",
          "layers.0.attention.output",
          "layers.0.attention.dropout",
          "layers.1.feed_forward_norm",
          "layers.1.feed_forward.up",
          "layers.1.feed_forward.gelu",
          "layers.1.feed_forward.down",
          "layers.1.feed_forward.dropout",
          "final_norm");

  private Path folder;
  private Path run;
  private CommandRun trained;

  @BeforeAll
  void train(@TempDir Path temporary) throws IOException {
    folder = temporary;
    Path text = folder.resolve("text.txt");
    Files.writeString(text, "to be or not to be, that is the question\n".repeat(100));
    run = folder.resolve("run");
    trained =
        CommandRun.line(
            "train --preset chapter --data "
                + text
                + " --out "
                + run
                + TINY
                + " --profile --steps "
                + STEPS);
  }

  private CommandRun profile(String more) {
    return CommandRun.line("profile " + more);
  }

  private static JsonNode json(CommandRun run) throws IOException {
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(1);
    return new ObjectMapper().readTree(run.out());
  }

  @Test
  void trainingShowsTheProfileAndKeepsTheRecording() {
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.out())
        .contains("Done: 12 steps.", "layers.*.attention.core", "matmul", "update weights")
        .contains("The recording: " + run.resolve("profile.jfr"));
    assertThat(run.resolve("profile.jfr")).isNotEmptyFile();
    assertThat(run.resolve("profile.html")).isNotEmptyFile();
    assertThat(run.resolve("profile.jfr.tmp")).doesNotExist();
  }

  @Test
  void quietPrintsTheTablesAlone() {
    CommandRun all = profile("" + run);
    CommandRun quiet = profile("--quiet " + run);
    assertThat(quiet.exitCode()).as(quiet.err()).isZero();
    assertThat(all.out()).startsWith(quiet.out()).contains("profile.html");
    assertThat(quiet.out()).contains("matmul").doesNotContain("profile.html");
    assertThat(profile("--json --quiet " + run).err()).isEmpty();
  }

  @Test
  void theTableHasEveryLayerInBothDirections() {
    CommandRun shown = profile("--each-layer " + run);

    assertThat(shown.exitCode()).as(shown.err()).isZero();
    for (String layer : LAYERS) {
      String name = layer.replace(".", "\\.");
      assertThat(shown.out())
          .containsPattern("(?m)^" + name + " +forward ")
          .containsPattern("(?m)^" + name + " +backward ");
    }
    assertThat(shown.out())
        .containsPattern("(?m)^head +forward\\+backward +matmul, cross entropy ")
        .containsPattern("(?m)^layers\\.1\\.residual +forward +add ")
        .containsPattern("(?m)^step +100\\.0 % ");
    assertThat(profile("" + run).out())
        .containsPattern("(?m)^layers\\.\\*\\.attention\\.qkv +backward +matmul ")
        .doesNotContain("layers.0");
  }

  @Test
  void sharesAddUpAndFiguresAreThoseOfTheRun() throws IOException {
    JsonNode all = json(profile("--json --skip 0 " + run));

    assertThat(all.get("steps").intValue()).isEqualTo(STEPS);
    assertThat(all.get("first_step").intValue()).isZero();
    assertThat(all.get("last_step").intValue()).isEqualTo(STEPS - 1);
    assertThat(all.get("threads").intValue()).isEqualTo(2);
    assertThat(all.get("peak_gflops").doubleValue()).isPositive();
    assertThat(all.get("evaluations").intValue()).isEqualTo(2);
    assertThat(all.get("checkpoints").intValue()).isPositive();
    for (String table : List.of("layers", "kernels")) {
      double shares = 0;
      double milliseconds = 0;
      for (JsonNode row : all.get(table)) {
        assertThat(row.get("share").doubleValue()).isBetween(0.0, 1.0);
        assertThat(row.get("waiting_share").doubleValue()).isBetween(0.0, 1.0);
        shares += row.get("share").doubleValue();
        milliseconds += row.get("ms_per_step").doubleValue();
      }
      assertThat(shares).as(table).isCloseTo(1, within(0.02));
      double step = all.get("ms_per_step").doubleValue();
      assertThat(milliseconds).as(table).isCloseTo(step, within(0.02 * step));
    }
  }

  /** Both threads go through the one shard in step. */
  @Test
  void rowsHaveRatesOfTheirKindAndWaits() throws IOException {
    JsonNode all = json(profile("--json " + run));
    double peak = all.get("peak_gflops").doubleValue();
    JsonNode qkv = layer(all, "layers.0.attention.qkv", "backward");
    assertThat(qkv.get("gflops").doubleValue()).isPositive();
    assertThat(qkv.get("peak_fraction").doubleValue())
        .isCloseTo(qkv.get("gflops").doubleValue() / peak, within(1e-6));
    assertThat(qkv.has("gb_per_s")).isFalse();
    JsonNode gelu = layer(all, "layers.1.feed_forward.gelu", "forward");
    assertThat(gelu.get("gb_per_s").doubleValue()).isPositive();
    assertThat(gelu.has("gflops")).isFalse();
    assertThat(all.get("waiting_share").doubleValue()).isPositive();
  }

  private static JsonNode layer(JsonNode profile, String name, String direction) {
    for (JsonNode row : profile.get("layers")) {
      if (row.get("name").textValue().equals(name)
          && row.path("direction").asText().equals(direction)) {
        return row;
      }
    }
    throw new AssertionError("no " + name + " " + direction + " in " + profile);
  }

  @Test
  void theFirstStepsAreLeftOut() throws IOException {
    JsonNode half = json(profile("--json " + run));
    assertThat(half.get("steps_left_out").intValue()).isEqualTo(STEPS / 2);
    JsonNode last = json(profile("--json --skip 11 " + run));
    assertThat(last.get("steps").intValue()).isOne();
    assertThat(last.get("first_step").intValue()).isEqualTo(11);
    CommandRun none = profile("--skip 12 " + run);
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err()).contains("--skip 12 leaves none of the 12 steps in " + run);
  }

  @Test
  void thePageNeedsNothingElse() throws IOException {
    Path page = folder.resolve("page.html");
    CommandRun shown = profile("--html " + page + " " + run.resolve("profile.jfr"));

    assertThat(shown.exitCode()).as(shown.err()).isZero();
    assertThat(shown.out()).contains("Bars and a flame graph: " + page);
    String html = Files.readString(page);
    assertThat(html)
        .contains("prefers-color-scheme: dark", "<svg", "Kernels", "Each layer")
        .doesNotContain("http", "<script", "@import", "url(");
    for (String layer : LAYERS) {
      assertThat(html).contains(">" + layer + " forward<");
    }
    assertThat(profile("--html " + page + " " + run).exitCode()).isZero();
  }

  @Test
  void somethingElseInThePlaceOfThePageStays() throws IOException {
    Path precious = Files.writeString(folder.resolve("precious.txt"), "mine");
    CommandRun shown = profile("--html " + precious + " " + run);

    assertThat(shown.exitCode()).isEqualTo(1);
    assertThat(shown.err()).contains(precious.toString(), "--html");
    assertThat(precious).hasContent("mine");
  }

  @Test
  void aRunWithoutARecordingSaysHowToMakeOne() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    CommandRun shown = profile("" + other);

    assertThat(shown.exitCode()).isEqualTo(1);
    assertThat(shown.err())
        .startsWith("lanewise profile: " + other)
        .contains("no recording in it (profile.jfr)", "train --profile", "--resume");
  }

  @Test
  void wrongCallsEndWith2AndMissingFilesWith1() {
    assertThat(profile("--skip -1 " + run).exitCode()).isEqualTo(2);
    assertThat(profile("--each-layer").exitCode()).isEqualTo(2);
    CommandRun missing = profile("" + folder.resolve("nowhere.jfr"));
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err()).contains("nowhere.jfr: no such file");
  }

  @Test
  void aRunThatIsCompleteSaysThatItTookNoStep() {
    Path copy = folder.resolve("complete");
    Path text = folder.resolve("text.txt");
    String line = "train --preset chapter --data " + text + " --out " + copy + TINY + " --steps 2";
    assertThat(CommandRun.line(line).exitCode()).isZero();
    assertThat(copy.resolve("profile.jfr")).doesNotExist();

    CommandRun resumed = CommandRun.line("train --resume --profile --out " + copy);
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("warning: " + copy.resolve("profile.jfr"), "no step");
  }
}
