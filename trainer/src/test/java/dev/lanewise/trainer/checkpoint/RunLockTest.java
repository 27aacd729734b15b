package dev.lanewise.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.cli.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One trainer per run folder, whoever the other is and however it ends. */
class RunLockTest {

  @TempDir Path folder;

  /** Locks the folder it is given, says so, and waits to be ended. */
  static final class Owner {

    private Owner() {}

    public static void main(String[] arguments) throws Exception {
      try (RunLock lock = RunLock.acquire(Path.of(arguments[0]))) {
        System.out.println("locked " + lock.isHeld());
        System.in.read();
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
  void aKilledOwnerLeavesNoLock() throws Exception {
    Process owner =
        new ProcessBuilder(ChildJvm.command(List.of(), Owner.class, List.of(folder.toString())))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out = owner.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo("locked true");
      assertThatThrownBy(() -> RunLock.acquire(folder))
          .isInstanceOf(RunLockedException.class)
          .hasMessageContaining("pid " + owner.pid() + " on ");
    } finally {
      owner.destroyForcibly().waitFor();
    }
    RunLock.acquire(folder).close();
  }

  @Test
  void whatAnEnemyPutIntoTheFileIsNotShownAsItIs() throws IOException {
    try (RunLock lock = RunLock.acquire(folder)) {
      assertThat(lock.isHeld()).isTrue();
      Files.writeString(folder.resolve(RunLock.FILE), "\u001b[2Jx".repeat(10_000));
      assertThatThrownBy(() -> RunLock.acquire(folder))
          .isInstanceOf(RunLockedException.class)
          .satisfies(
              problem ->
                  assertThat(problem.getMessage()).doesNotContain("\u001b").hasSizeLessThan(1500));
    }
  }
}
