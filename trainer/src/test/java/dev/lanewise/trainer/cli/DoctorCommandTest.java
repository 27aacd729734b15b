package dev.lanewise.trainer.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.cli.jvm.ChildJvm;
import dev.lanewise.trainer.cli.jvm.JvmFlags;
import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A JVM as wrong as can be: it has to say so before it measures, and to measure all the same. */
@Tag("programs")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DoctorCommandTest {

  private Process started;

  @AfterEach
  void endWhatATestThatFailedLeftBehind() {
    started.destroyForcibly();
  }

  @Test
  void aJvmWithoutC2IsToldSoFirst() throws Exception {
    List<String> flags =
        List.of(
            "--add-modules=" + JvmFlags.VECTOR_MODULE,
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC");
    started =
        new ProcessBuilder(ChildJvm.command(flags, Main.class, List.of("doctor", "--threads", "1")))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader output = started.inputReader(UTF_8)) {
      output.lines().forEach(lines::add);
    }

    assertThat(started.waitFor()).isZero();
    assertThat(lines).anyMatch(line -> line.startsWith("Compiler") && line.contains("no C2"));
    assertThat(lines).anyMatch(line -> line.startsWith("Collector") && line.contains("Copy"));
    int withoutC2 = lineWith(lines, "WARNING: this JVM lacks C2");
    int withoutFlags = lineWith(lines, "WARNING: the JVM was started without flags");
    assertThat(lines.get(withoutFlags)).contains("./lanewise", "-XX:+UseG1GC");
    assertThat(lineWith(lines, "Speed, 1 thread")).isGreaterThan(Math.max(withoutC2, withoutFlags));
    assertThat(lines).noneMatch(line -> line.contains("Nothing here"));
  }

  private static int lineWith(List<String> lines, String start) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith(start)) {
        return i;
      }
    }
    throw new AssertionError(start + " in " + lines);
  }
}
