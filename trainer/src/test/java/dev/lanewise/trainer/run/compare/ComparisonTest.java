package dev.lanewise.trainer.run.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.trainer.settings.ConfigKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  @TempDir private Path folder;
  private final List<String> warnings = new ArrayList<>();
  private final List<Path> runs = new ArrayList<>();

  @BeforeEach
  void threeSeeds() throws IOException {
    for (int seed = 1; seed <= 3; seed++) {
      runs.add(run("mine-seed-" + seed).with(ConfigKey.SEED, (long) seed).write(1.8 + 0.2 * seed));
    }
  }

  private WrittenRun run(String name) {
    return WrittenRun.in(folder.resolve(name));
  }

  private Comparison compare() throws IOException {
    return Comparison.of(runs, warnings::add);
  }

  private static void requireMean(Statistic statistic, double mean, double deviation, int n) {
    assertThat(statistic.mean()).isCloseTo(mean, within(1e-9));
    if (Double.isNaN(deviation)) {
      assertThat(statistic.deviation()).isNaN();
    } else {
      assertThat(statistic.deviation()).isCloseTo(deviation, within(1e-9));
    }
    assertThat(statistic.n()).isEqualTo(n);
  }

  @Test
  void runsThatDifferInNothingButTheSeedAreTogether() throws IOException {
    runs.add(run("fast").with(ConfigKey.LR, 0.25).with(ConfigKey.SEED, 2L).write(1.5));
    Comparison comparison = compare();

    assertThat(comparison.groups()).extracting(RunGroup::name).containsExactly("mine", "fast");
    assertThat(comparison.groups())
        .extracting(RunGroup::seeds)
        .containsExactly(List.of(1L, 2L, 3L), List.of(2L));
    requireMean(comparison.groups().get(0).finalLoss(), 2.2, 0.2, 3);
    requireMean(comparison.groups().get(0).seconds(), 1, 0, 3);
    requireMean(comparison.groups().get(1).finalLoss(), 1.5, Double.NaN, 1);
    assertThat(comparison.differences()).containsOnlyKeys("lr");
    assertThat(comparison.differences().get("lr").get(1)).isEqualTo("0.25");
    assertThat(warnings).isEmpty();
  }

  @Test
  void trainingLossesOfOtherTemperaturesAreNotComparedInSilence() throws IOException {
    assertThat(compare().notes()).isEmpty();
    runs.add(run("flat").with(ConfigKey.LOSS_TEMPERATURE, 0.75).write(1.5));
    assertThat(compare().notes()).singleElement().asString().contains("loss_temperature");
  }

  @Test
  void theTableHasOnlyWhatDiffers() throws IOException {
    runs.add(run("fast").with(ConfigKey.LR, 0.25).write(1.5));
    ComparisonTable table = ComparisonTable.of(compare());

    assertThat(table.heads())
        .containsExactly(
            "run",
            "lr",
            "seeds",
            "n",
            "steps",
            "last validation loss",
            "best validation loss",
            "time in steps");
    assertThat(table.rows().getFirst())
        .containsExactly(
            "mine", "0.001", "1, 2, 3", "3", "100", "2.2000 ± 0.2000", "2.2000 ± 0.2000", "1 s");
    assertThat(table.rows().getLast())
        .containsExactly("fast", "0.25", "1", "1", "100", "1.5000", "1.5000", "1 s");
  }

  @Test
  void whatIsOnItsWayIsNotComparedWithWhatIsDone() throws IOException {
    runs.add(run("mine-seed-4").with(ConfigKey.SEED, 4L).taken(50).write(7));
    RunGroup group = compare().groups().getFirst();

    assertThat(group.runs()).hasSize(4);
    assertThat(group.finished()).isEqualTo(3);
    assertThat(group.completedSteps()).isEqualTo(50);
    requireMean(group.finalLoss(), 2.2, 0.2, 3);
    assertThat(ComparisonTable.of(compare()).rows().getFirst()).contains("100 (3 of 4 runs)");
  }

  @Test
  void ofRunsThatAreAllOnTheirWayTheLastEvaluationsCount() throws IOException {
    runs.clear();
    runs.add(run("a1").with(ConfigKey.SEED, 1L).taken(50).write(3));
    runs.add(run("a2").with(ConfigKey.SEED, 2L).taken(70).write(5));
    RunGroup group = compare().groups().getFirst();

    requireMean(group.finalLoss(), 4, Math.sqrt(2), 2);
    assertThat(group.lastStep()).isEqualTo(70);
  }

  /** What two versions of the program made of one seed is not a spread. */
  @Test
  void theSameSeedAgainBeginsAnotherGroup() throws IOException {
    runs.add(run("new-seed-1").with(ConfigKey.SEED, 1L).write(1));
    runs.add(run("new-seed-2").with(ConfigKey.SEED, 2L).write(1.5));
    Comparison comparison = compare();

    assertThat(comparison.groups()).extracting(RunGroup::name).containsExactly("mine", "new");
    requireMean(comparison.groups().get(0).finalLoss(), 2.2, 0.2, 3);
    requireMean(comparison.groups().get(1).finalLoss(), 1.25, Math.sqrt(0.125), 2);
  }

  @Test
  void aRunThatIsNamedTwiceIsTakenOnce() throws IOException {
    runs.add(folder.resolve("x/../mine-seed-2").normalize());

    requireMean(compare().groups().getFirst().finalLoss(), 2.2, 0.2, 3);
    assertThat(warnings).singleElement().asString().contains("mine-seed-2", "named twice");
  }

  @Test
  void damagedLinesArePassedOver() throws IOException {
    Path log = runs.getFirst().resolve("metrics.jsonl");
    List<String> lines = new ArrayList<>(Files.readAllLines(log));
    lines.set(3, lines.get(3).substring(0, 20));
    lines.set(5, "\0".repeat(200));
    lines.set(7, lines.get(7).replace("\"step\":7", "\"step\":100000000"));
    lines.set(9, "x".repeat(100_000));
    Files.writeString(log, String.join("\n", lines) + "\n{\"type\":\"st");
    Comparison comparison = compare();

    assertThat(warnings)
        .containsExactly(
            log + ": 4 lines are damaged and passed over, the first is line 4",
            log
                + ": 4 steps have no line that can be read, the first is step 3; what is shown is"
                + " without them");
    requireMean(comparison.groups().getFirst().finalLoss(), 2.2, 0.2, 3);
    assertThat(comparison.groups().getFirst().finished()).isEqualTo(3);
    assertThat(comparison.groups().getFirst().runs().getFirst().history().trainingLoss().columns())
        .hasSize(96);
  }

  @Test
  void missingLinesAreTold() throws IOException {
    Path log = runs.getFirst().resolve("metrics.jsonl");
    List<String> lines = new ArrayList<>(Files.readAllLines(log));
    lines.subList(3, 5).clear();
    lines.remove(10);
    Files.write(log, lines);
    compare();

    assertThat(warnings)
        .containsExactly(
            log
                + ": 3 steps have no line that can be read, the first is step 3; what is shown is"
                + " without them");
  }

  @Test
  void aLogThatEndsBeforeACheckpointIsTold() throws IOException {
    Path log = runs.getFirst().resolve("metrics.jsonl");
    Files.createDirectories(runs.getFirst().resolve("checkpoints/step-000100"));
    compare();
    assertThat(warnings).isEmpty();

    Files.write(log, Files.readAllLines(log).subList(0, 10));
    compare();
    assertThat(warnings)
        .containsExactly(
            log
                + " ends before step 10, but there is a checkpoint after 100 steps; what is shown"
                + " is without the last ones");
  }

  @Test
  void aRunThatHasLoggedNothingYetIsShown() throws IOException {
    runs.add(run("begun").with(ConfigKey.LR, 0.5).taken(0).write(0));
    Files.delete(runs.getLast().resolve("metrics.jsonl"));
    ComparisonTable table = ComparisonTable.of(compare());

    assertThat(table.rows().getLast())
        .containsExactly("begun", "0.5", "1", "0", "0 of 100", "–", "–", "0 s");
  }

  /** By minutes, a run may have taken more steps than its settings have by default. */
  @Test
  void aRunWhoseEndIsOpenIsShownAsFarAsItHasCome() throws IOException {
    runs.clear();
    runs.add(run("open").with(ConfigKey.MINUTES, 60.0).taken(250).write(1));

    assertThat(ComparisonTable.of(compare()).rows().getFirst())
        .containsExactly("open", "1", "1", "250 so far", "1.0000", "1.0000", "3 s");
    assertThat(warnings).isEmpty();
  }

  @Test
  void whatIsNoRunIsNamed() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path file = Files.writeString(folder.resolve("file"), "x");
    for (Path wrong : List.of(empty, file, folder.resolve("none"))) {
      runs.add(wrong);
      assertThatThrownBy(this::compare)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(wrong.toString());
      runs.removeLast();
    }
  }

  /** Long values that differ where a table cuts them differ all the same. */
  @Test
  void whatDiffersInTheMiddleDiffers() throws IOException {
    runs.clear();
    runs.add(run("a").with(ConfigKey.PROMPT, "x".repeat(200)).write(1));
    runs.add(run("b").with(ConfigKey.PROMPT, "x".repeat(99) + "y" + "x".repeat(100)).write(1));

    assertThat(compare().differences()).containsOnlyKeys("prompt");
    assertThat(ComparisonTable.of(compare()).rows().getFirst().get(1)).hasSizeLessThan(60);
  }

  @Test
  void namesAreWhatFoldersBeginWith() {
    assertThat(GroupNames.common(List.of("a-seed-1", "a-seed-12", "a-seed-13"))).isEqualTo("a");
    assertThat(GroupNames.common(List.of("b_1", "b_2"))).isEqualTo("b");
    assertThat(GroupNames.common(List.of("lr3s1", "lr3s2"))).isEqualTo("lr3");
    assertThat(GroupNames.common(List.of("classes-1", "classes-2"))).isEqualTo("classes");
    assertThat(GroupNames.common(List.of("one", "two", "six"))).isEqualTo("one and 2 more");
    assertThat(GroupNames.common(List.of("seed-1", "seed-2"))).isEqualTo("seed-1 and 1 more");
    assertThat(GroupNames.common(List.of("alone-7"))).isEqualTo("alone-7");
  }

  @Test
  void runsOfOneNameAreToldApartByTheirFolders() throws IOException {
    runs.clear();
    runs.add(run("x/run").with(ConfigKey.LR, 0.5).write(1));
    runs.add(run("y/run").with(ConfigKey.LR, 0.25).write(1));

    assertThat(compare().groups())
        .extracting(RunGroup::name)
        .containsExactly(runs.get(0).toString(), runs.get(1).toString());
  }
}
