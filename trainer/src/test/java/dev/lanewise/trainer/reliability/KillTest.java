package dev.lanewise.trainer.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.cli.LanewiseProcess;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ends a training with SIGKILL at random moments, goes on with it each time on another number of
 * threads and with other kernels, and finds at the end what a training finds that nobody disturbed.
 */
@Tag("programs")
class KillTest {

  /** The first two are what the kills of {@code verify} resume with. */
  private static final List<Machine> MACHINES =
      List.of(
          Machine.of(3, "128"),
          Machine.of(1, "scalar"),
          Machine.of(2, "256"),
          Machine.of(5, "128"),
          Machine.of(1, "256"),
          Machine.of(2, "scalar"));

  @TempDir private Path folder;

  @Test
  @Timeout(300)
  void aKilledRunEndsAsIfNothingHadHappened() throws Exception {
    survive(new ProcessRuns(folder, 120, 4), 4, 25);
  }

  @Test
  @Timeout(300)
  void aKilledRunThatBeganWithAModelEndsAsIfNothingHadHappened() throws Exception {
    Path model = HuggingFaceModels.copy("qwen3", folder.resolve("model"));
    survive(ProcessRuns.from(model, folder, 60, 4), 3, 20);
  }

  @Test
  @Timeout(300)
  void aKilledRunOnConversationsEndsAsIfNothingHadHappened() throws Exception {
    Path model = HuggingFaceModels.copy("qwen3", folder.resolve("model"));
    survive(ProcessRuns.onChats(model, folder, 60, 4), 3, 20);
  }

  @Test
  @Timeout(300)
  void aKilledRunOfAnAdapterEndsAsIfNothingHadHappened() throws Exception {
    Path model = HuggingFaceModels.copy("qwen2", folder.resolve("model"));
    survive(ProcessRuns.adapting(model, folder, 60, 4), 3, 20);
  }

  @Test
  @Tag("exhaustive")
  @Timeout(3600)
  void aRunSurvivesFortyKills() throws Exception {
    survive(new ProcessRuns(folder, 600, 3), 40, 25);
  }

  /** Every fourth kill may come while the program starts; the others do when there is progress. */
  private void survive(ProcessRuns training, int kills, int mostLines) throws Exception {
    RunResult whole = training.complete("whole", Machine.of(2, "256"));
    List<String> expected = whole.metrics();
    RunResult killed = training.result("killed");
    SplittableRandom random = new SplittableRandom(4);
    for (int kill = 0; kill < kills; kill++) {
      Machine machine = MACHINES.get(kill % MACHINES.size());
      try (LanewiseProcess process =
          kill == 0 ? training.begin("killed", machine) : training.resume("killed", machine)) {
        if (kill % 4 == 2) {
          pause(random.nextLong(2000));
        } else {
          awaitLines(process, killed, killed.lines() + 1 + random.nextInt(mostLines));
          pause(random.nextLong(20));
        }
        assertThat(process.isAlive())
            .as("still alive before kill %d; it printed:%n%s", kill, process.output())
            .isTrue();
        process.kill();
      }
      List<String> soFar = killed.metrics();
      assertThat(soFar)
          .as("no gap, no double step, no other bit after kill %d", kill)
          .isEqualTo(expected.subList(0, soFar.size()));
    }
    assertThat(killed.lines()).as("killed before the end").isLessThan(expected.size());
    try (LanewiseProcess process = training.resume("killed", Machine.of(1, "scalar"))) {
      ProcessRuns.requireSuccess(process);
    }

    assertThat(killed.metrics()).isEqualTo(expected);
    assertThat(killed.weights()).isEqualTo(whole.weights());
    assertThat(killed.newestState()).isEqualTo(whole.newestState());
  }

  private static void awaitLines(LanewiseProcess process, RunResult run, int lines)
      throws IOException {
    while (process.isAlive() && run.lines() < lines) {
      pause(1);
    }
  }

  private static void pause(long milliseconds) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(milliseconds));
  }
}
