package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainSeedsTest {
  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = Files.writeString(folder.resolve("text.txt"), Texts.words(4000));
  }

  private List<String> command(String name, String... more) {
    List<String> options = new ArrayList<>(List.of("--steps=8", "--lr=1e-2", "--dropout=0.1"));
    options.addAll(List.of("--evaluate-every=4", "--checkpoint-every=4"));
    options.addAll(List.of(more));
    return SmallSettings.trainCommand(text, folder.resolve(name), options.toArray(String[]::new));
  }

  private CommandRun train(String name, String... more) {
    return CommandRun.of(command(name, more).toArray(String[]::new));
  }

  private Path run(String name, long seed) {
    return folder.resolve(name + "-seed-" + seed);
  }

  private static double lastLoss(Path run) throws IOException {
    double last = Double.NaN;
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      JsonNode fields = new ObjectMapper().readTree(line);
      last = fields.path("val_loss").asDouble(last);
    }
    return last;
  }

  private static void requireSameWeights(Path run, Path other, int steps) {
    String model = "checkpoints/step-%06d/model.safetensors".formatted(steps);
    assertThat(run.resolve(model)).hasSameBinaryContentAs(other.resolve(model));
  }

  /** Every file of a run with the time at which it was last written. */
  private static Map<String, String> files(Path run) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(run)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(file.toString(), Files.getLastModifiedTime(file).toString());
      }
    }
    return files;
  }

  @Test
  void eachSeedIsAUsualRun() throws IOException {
    CommandRun trained = train("mine", "--seeds=1..2,7");
    trained.requireSuccess();
    train("alone", "--seed=2").requireSuccess();

    requireSameWeights(run("mine", 2), folder.resolve("alone"), 8);
    assertThat(folder.resolve("mine")).doesNotExist();
    double[] losses = {
      lastLoss(run("mine", 1)), lastLoss(run("mine", 2)), lastLoss(run("mine", 7))
    };
    double mean = (losses[0] + losses[1] + losses[2]) / 3;
    double squares = 0;
    for (double loss : losses) {
      squares += (loss - mean) * (loss - mean);
    }
    assertThat(trained.out())
        .contains("mine  1, 2, 7  3  8      %.4f ± %.4f".formatted(mean, Math.sqrt(squares / 2)))
        .endsWith(
            "  ./lanewise compare %s %s %s%n"
                .formatted(run("mine", 1), run("mine", 2), run("mine", 7)));
  }

  @Test
  void theSameCommandGoesOnWhereItWas() throws IOException {
    train("whole", "--seeds=1..3").requireSuccess();
    train("parts", "--seeds=1..2").requireSuccess();
    Files.move(run("parts", 2).resolve("checkpoints/step-000008"), folder.resolve("lost"));
    Map<String, String> before = files(run("parts", 1));
    CommandRun again = train("parts", "--seeds=1..3");

    again.requireSuccess();
    assertThat(again.out())
        .contains(run("parts", 1) + " is done already", "resumed, 4 to 8", "steps    0 to 8")
        .doesNotContain(run("parts", 2) + " is done already");
    assertThat(files(run("parts", 1))).isEqualTo(before);
    for (int seed = 1; seed <= 3; seed++) {
      requireSameWeights(run("parts", seed), run("whole", seed), 8);
      assertThat(lastLoss(run("parts", seed))).isEqualTo(lastLoss(run("whole", seed)));
    }
  }

  @Test
  void whatHasNotSavedAnythingBeginsAgain() throws IOException {
    train("mine", "--seeds=1").requireSuccess();
    Files.move(run("mine", 1).resolve("checkpoints"), folder.resolve("lost"));
    CommandRun again = train("mine", "--seeds=1");

    again.requireSuccess();
    assertThat(again.out()).contains("steps    0 to 8");
    assertThat(run("mine", 1).resolve("checkpoints/step-000008/model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("lost/step-000008/model.safetensors"));
  }

  @Test
  void aRunByEpochsIsDoneToo() {
    List<String> epochs =
        new ArrayList<>(command("e", "--seeds=1..2", "--epochs=0.1", "--warmup=1"));
    epochs.removeIf(option -> option.startsWith("--steps"));
    String[] arguments = epochs.toArray(String[]::new);
    CommandRun.of(arguments).requireSuccess();

    assertThat(CommandRun.of(arguments).requireSuccess().out())
        .contains(run("e", 1) + " is done already", run("e", 2) + " is done already");
  }

  @Test
  void otherSettingsOrOtherTextAreRefusedBeforeAnythingIsTrained() throws IOException {
    train("mine", "--seeds=2").requireSuccess();
    CommandRun faster = train("mine", "--seeds=1..2", "--lr=2e-2");

    assertThat(faster.exitCode()).isEqualTo(2);
    assertThat(faster.err()).contains(run("mine", 2).toString(), "--lr was 0.01 and is now 0.02");
    Files.writeString(text, Texts.words(3000));
    CommandRun other = train("mine", "--seeds=1..2");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("the text is not the one", run("mine", 2).toString());
    assertThat(run("mine", 1)).doesNotExist();
  }

  @Test
  void whatIsNoRunIsNotTouched() throws IOException {
    Files.writeString(Files.createDirectory(run("mine", 2)).resolve("mine.txt"), "mine");
    CommandRun refused = train("mine", "--seeds=1..2");

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains(run("mine", 2).toString(), "not a run");
    assertThat(run("mine", 1)).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"--seed=4, --seed", "--resume, --resume", "--data=-, --data -"})
  void whatMakesNoSenseWithSeedsIsRefusedByName(String option, String named) {
    CommandRun refused = train("mine", "--seeds=1..2", option);

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("--seeds", named);
    assertThat(run("mine", 1)).doesNotExist();
  }

  @Test
  void runsOfOtherLengthsAreNotSeedsOfOne() {
    CommandRun refused =
        CommandRun.line(
            "train --minutes=1 --seeds=1..2 --data=%s --out=%s"
                .formatted(text, folder.resolve("mine")));

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("--seeds with --minutes");
    assertThat(run("mine", 1)).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " --out=..", " --out=runs/."})
  void theFoldersNeedAName(String out) {
    CommandRun refused = CommandRun.line("train --data=" + text + " --seeds=1..2" + out);

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("--seeds makes folders beside each other", "--out");
  }

  @Test
  void seedsThatCannotBeReadAreRefused() {
    assertThat(train("mine", "--seeds=3..1").exitCode()).isEqualTo(2);
    assertThat(train("mine", "--seeds=3..1").err()).contains("--seeds 3..1: 1 comes before 3");
  }

  @Test
  void seedsAreListsAndRanges() {
    assertThat(Seeds.parse("1..5")).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(Seeds.parse("1,2,7")).containsExactly(1L, 2L, 7L);
    assertThat(Seeds.parse("9, 1..2")).containsExactly(9L, 1L, 2L);
    assertThat(Seeds.parse("1..1000")).hasSize(1000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1,", "1..", "a", "-1", "3..1", "1,2,1", "1..1001", "0,1..1000"})
  void otherSeedsAreRefused(String seeds) {
    assertThatThrownBy(() -> Seeds.parse(seeds))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--seeds " + seeds + ": ");
  }

  @Test
  void scriptsGetAnObjectForEachRunAndOneForAll() throws IOException {
    CommandRun.of(command("mine", "--seeds=1").toArray(String[]::new)).requireSuccess();
    List<JsonNode> objects = new ArrayList<>();
    for (String line :
        train("mine", "--seeds=1..2", "--json").requireSuccess().out().lines().toList()) {
      objects.add(new ObjectMapper().readTree(line));
    }
    List<String> types = objects.stream().map(object -> object.get("type").asText()).toList();

    assertThat(types).contains("passed_over", "start", "step", "evaluation");
    assertThat(types.subList(types.size() - 3, types.size()))
        .containsExactly("result", "group", "seeds");
    JsonNode group = objects.get(objects.size() - 2);
    assertThat(group.get("n").asInt()).isEqualTo(2);
    assertThat(group.get("last_val_loss").asDouble())
        .isCloseTo((lastLoss(run("mine", 1)) + lastLoss(run("mine", 2))) / 2, within(1e-12));
    assertThat(objects.getLast().get("completed").asBoolean()).isTrue();
    assertThat(objects.getLast().get("runs")).hasSize(2);
  }

  @Test
  void quietIsOnlyWhatCameOut() {
    CommandRun quiet = train("mine", "--seeds=1..2", "--quiet");

    assertThat(quiet.requireSuccess().out())
        .contains("Done: 8 steps.", "mine  1, 2   2  8", "./lanewise compare")
        .doesNotContain("Training on", "step 8");
    assertThat(quiet.err()).isEmpty();
  }

  /** TERM ends all of it and not only the run that is on its way; a kill loses nothing. */
  @Test
  @Timeout(120)
  @EnabledOnOs(
      value = {OS.LINUX, OS.MAC},
      disabledReason = "there are no such signals")
  void aStoppedAndAKilledSeriesGoOn() throws Exception {
    // The clock decides when; the result is the same whenever that is.
    String[] options = {
      "--seeds=1..3", "--steps=800", "--evaluate-every=400", "--checkpoint-every=200"
    };
    train("whole", options).requireSuccess();
    List<String> arguments = command("parts", options);
    Path output = folder.resolve("stopped.txt");
    try (LanewiseProcess process = LanewiseProcess.start(output, List.of(), arguments)) {
      process.awaitOutput("step 1/800");
      process.signal("TERM");
      assertThat(process.exitCode()).as(process.output()).isZero();
      assertThat(process.output())
          .contains("The same command goes on with the seeds that are left.")
          .doesNotContain("lanewise compare");
    }
    output = folder.resolve("killed.txt");
    try (LanewiseProcess process = LanewiseProcess.start(output, List.of(), arguments)) {
      process.awaitOutput("saved to " + run("parts", 2));
      process.kill();
    }
    CommandRun last = CommandRun.of(arguments.toArray(String[]::new));

    last.requireSuccess();
    for (int seed = 1; seed <= 3; seed++) {
      requireSameWeights(run("parts", seed), run("whole", seed), 800);
    }
  }
}
