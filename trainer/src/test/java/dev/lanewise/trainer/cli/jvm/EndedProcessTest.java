package dev.lanewise.trainer.cli.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS)
class EndedProcessTest {

  private static Process shell(String script) throws Exception {
    return new ProcessBuilder("/bin/sh", "-c", script).start();
  }

  @Test
  void hasWhatWasPrintedAndReturned() throws Exception {
    assertThat(EndedProcess.of(shell("echo a; exit 3"))).isEqualTo(new EndedProcess(3, "a\n"));
  }

  /** A child of the process has its output open, too. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whatHangsIsKilled() throws Exception {
    Process hangs = shell("echo a; sleep 1000; echo b");
    assertThatThrownBy(() -> EndedProcess.of(hangs, Duration.ofSeconds(1)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("did not end within", "a\n");
    assertThat(hangs.isAlive()).isFalse();
  }
}
