package dev.lanewise.trainer.cli.jvm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starts a JVM without our flags, as a user may, and watches what it does. */
@Tag("programs")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RelaunchTest {
  @TempDir private Path folder;
  private Process started;

  @AfterEach
  void endWhatATestThatFailedLeftBehind() {
    // None where a test does not apply.
    if (started != null) {
      started.descendants().forEach(ProcessHandle::destroyForcibly);
      started.destroyForcibly();
    }
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

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no such signal to pass on")
  void passesASignalOnAndReturnsWhatTheSecondJvmMakesOfIt(String signal) throws Exception {
    assumeFalse(signal.equals("INT") && ChildJvm.ignoreInterrupt(), "INT is ignored here");
    Process process = start(List.of(), "wait");

    try (BufferedReader output = process.inputReader(UTF_8)) {
      assertThat(output.readLine()).startsWith("vector=true");
      assertThat(output.readLine()).isEqualTo("waiting");
      ChildJvm.signal(signal, process.pid());
      assertThat(output.readLine()).isEqualTo("stopped by a signal");
    }
    assertThat(process.waitFor()).isEqualTo(128 + 15);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no such signal to pass on")
  void aSignalToBothIsOne(String signal) throws Exception {
    assumeFalse(signal.equals("INT") && ChildJvm.ignoreInterrupt(), "INT is ignored here");
    Process process = start(List.of(), "finish");

    try (BufferedReader output = process.inputReader(UTF_8)) {
      assertThat(output.readLine()).startsWith("vector=true");
      assertThat(output.readLine()).isEqualTo("waiting");
      long second = process.children().findFirst().orElseThrow().pid();
      ChildJvm.signal(signal, process.pid(), second);
      assertThat(output.readLine()).isEqualTo("finished true");
    }
    assertThat(process.waitFor()).isZero();
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no such signal")
  void theSecondJvmEndsAsByTermWhenTheFirstIsKilled() throws Exception {
    Path output = folder.resolve("output");
    started =
        new ProcessBuilder(ChildJvm.command(List.of(), RelaunchedProgram.class, List.of("finish")))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    while (!Files.readString(output).contains("waiting")) {
      Thread.sleep(5);
    }
    ProcessHandle second = started.children().findFirst().orElseThrow();
    try {
      ChildJvm.signal("KILL", started.pid());
      second.onExit().get(30, TimeUnit.SECONDS);
    } finally {
      second.destroyForcibly();
    }

    assertThat(output).content().contains("finished true");
  }

  /** The shell makes the argument: this JVM could not if its own locale were "C". */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the bytes of the arguments are in /proc")
  void argumentsAndNamesOfFilesAreUtf8InTheLocaleC() throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "exec \"$@\" \"$(printf 'caf\\303\\251 %%41+\\342\\202\\254')\"",
                "sh"));
    command.addAll(ChildJvm.command(List.of(), RelaunchedProgram.class, List.of("0")));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C");
    started = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();

    try (BufferedReader output = started.inputReader(UTF_8)) {
      assertThat(output.readLine()).endsWith("arguments=[0, café %41+€]");
    }
    assertThat(started.waitFor()).isZero();
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
    List<String> command = ChildJvm.command(jvmFlags, RelaunchedProgram.class, List.of(args));
    started = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return started;
  }
}
