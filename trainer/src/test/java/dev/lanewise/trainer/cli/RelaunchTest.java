package dev.lanewise.trainer.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Starts a JVM without our flags, as a user may, and watches what it does. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RelaunchTest {
  @TempDir private Path folder;
  private Process started;

  @AfterEach
  void endWhatATestThatFailedLeftBehind() {
    started.descendants().forEach(ProcessHandle::destroyForcibly);
    started.destroyForcibly();
  }

  @Test
  void passesArgumentsOutputAndExitCode() throws Exception {
    Process process = start(List.of("-Dlanewise.test.answer=42"), "7", "a b");

    try (BufferedReader output = process.inputReader(UTF_8)) {
      assertThat(output.readLine()).isEqualTo("vector=true answer=42 arguments=[7, a b]");
    }
    assertThat(process.waitFor()).isEqualTo(7);
  }

  @Test
  void startsWithTheUsersCollector() throws Exception {
    Process process = start(List.of("-XX:+UseSerialGC"), "0");

    try (BufferedReader output = process.inputReader(UTF_8)) {
      assertThat(output.readLine()).startsWith("vector=true");
    }
    assertThat(process.waitFor()).isZero();
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no TERM to pass on")
  void passesTermOnAndReturnsWhatTheSecondJvmMakesOfIt() throws Exception {
    Process process = start(List.of(), "wait");

    try (BufferedReader output = process.inputReader(UTF_8)) {
      assertThat(output.readLine()).startsWith("vector=true");
      assertThat(output.readLine()).isEqualTo("waiting");
      // Process.destroy would close our end of the output too.
      process.toHandle().destroy();
      assertThat(output.readLine()).isEqualTo("stopped by a signal");
    }
    assertThat(process.waitFor()).isEqualTo(128 + 15);
  }

  @Test
  void leavesARecordingToTheSecondJvm() throws Exception {
    Path recording = folder.resolve("run.jfr");
    Process process =
        start(
            List.of(
                "-Xlog:jfr*=off",
                "-XX:StartFlightRecording:settings=none,+jdk.JVMInformation#enabled=true,"
                    + "+jdk.JVMInformation#period=endChunk,filename="
                    + recording),
            "0");
    try (BufferedReader output = process.inputReader(UTF_8)) {
      assertThat(output.lines()).anyMatch(line -> line.startsWith("vector=true"));
    }
    assertThat(process.waitFor()).isZero();

    assertThat(RecordingFile.readAllEvents(recording))
        .isNotEmpty()
        .allMatch(event -> event.getString("jvmArguments").contains(JvmFlags.VECTOR_MODULE));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(recording);
    }
  }

  private Process start(List<String> jvmFlags, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmFlags);
    command.addAll(List.of("-cp", everything(), RelaunchedProgram.class.getName()));
    command.addAll(List.of(args));
    started = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return started;
  }

  /** All that this test sees, wherever the build put it, as one class path. */
  private static String everything() {
    return Stream.of(
            System.getProperty("jdk.module.path"),
            System.getProperty("java.class.path"),
            Path.of("target", "test-classes").toString())
        .filter(path -> path != null && !path.isEmpty())
        .reduce((left, right) -> left + File.pathSeparator + right)
        .orElseThrow();
  }
}
