package dev.lanewise.trainer.run.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.cli.jvm.ChildJvm;
import dev.lanewise.trainer.fixture.disk.FailingDisk;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One trainer per run folder, whatever the other is and however it ends. */
class RunLockTest {

  @TempDir Path folder;

  /** Locks the folder it is given, says so, and waits to be ended. */
  static final class Owner {

    private Owner() {}

    public static void main(String[] arguments) throws Exception {
      try (RunLock lock = RunLock.acquire(Path.of(arguments[0]))) {
        System.out.println("locked " + lock.isHeld());
        System.in.read();
      } catch (RunLockedException e) {
        System.out.println("refused");
      }
    }
  }

  @Test
  void aSecondLockIsRefusedUntilTheFirstIsClosed() throws IOException {
    Path run = folder.resolve("new/run");
    RunLock lock = RunLock.acquire(run);
    assertThat(lock.isHeld()).isTrue();
    assertThat(lock.run()).isEqualTo(run);
    assertThatThrownBy(() -> RunLock.acquire(run))
        .isInstanceOf(RunLockedException.class)
        .hasMessageContaining(run.toString())
        .hasMessageContaining("pid " + ProcessHandle.current().pid() + " on ")
        .hasMessageContaining("--out");
    lock.close();
    assertThat(lock.isHeld()).isFalse();
    RunLock.acquire(run).close();
  }

  @Test
  void aRefusedSecondLockDoesNotGiveUpTheFirst() throws Exception {
    try (RunLock lock = RunLock.acquire(folder)) {
      assertThatThrownBy(() -> RunLock.acquire(folder.resolve("../" + folder.getFileName())))
          .isInstanceOf(RunLockedException.class);
      assertThat(lock.isHeld()).isTrue();
      Process other = startOwner();
      try (BufferedReader out = other.inputReader(StandardCharsets.UTF_8)) {
        assertThat(out.readLine()).isEqualTo("refused");
      } finally {
        other.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void aKilledOwnerLeavesNoLock() throws Exception {
    Process owner = startOwner();
    try (BufferedReader out = owner.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo("locked true");
      assertThatThrownBy(() -> RunLock.acquire(folder))
          .isInstanceOf(RunLockedException.class)
          .hasMessageContaining("pid " + owner.pid() + " on ");
      assertThatAnEnemysTextIsNotShownAsItIs();
    } finally {
      owner.destroyForcibly().waitFor();
    }
    RunLock.acquire(folder).close();
  }

  private void assertThatAnEnemysTextIsNotShownAsItIs() throws IOException {
    Files.writeString(folder.resolve(RunLock.FILE), "\u001b[2Jx".repeat(10_000));
    assertThatThrownBy(() -> RunLock.acquire(folder))
        .isInstanceOf(RunLockedException.class)
        .satisfies(
            problem ->
                assertThat(problem.getMessage())
                    .contains("[2Jx")
                    .doesNotContain("\u001b")
                    .hasSizeLessThan(1500));
  }

  private Process startOwner() throws IOException {
    return new ProcessBuilder(ChildJvm.command(List.of(), Owner.class, List.of(folder.toString())))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void newFoldersAreOnTheDisk() throws IOException {
    FailingDisk disk = new FailingDisk();
    Path run = disk.path(folder.resolve("new/run"));
    RunLock.acquire(run).close();
    assertThat(disk.operations())
        .containsSubsequence("mkdir new", "mkdir run", "fsync new", "create run.lock")
        .contains("fsync " + folder.getFileName());
  }
}
