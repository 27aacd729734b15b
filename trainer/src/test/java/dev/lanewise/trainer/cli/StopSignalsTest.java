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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Stops a training in a JVM of its own, as an operating system would. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no TERM")
class StopSignalsTest {
  @TempDir private Path folder;
  private Process started;

  @AfterEach
  void endWhatATestThatFailedLeftBehind() {
    started.descendants().forEach(ProcessHandle::destroyForcibly);
    started.destroyForcibly();
  }

  @Test
  void termSavesAndEndsWithZeroAndSaysHowToGoOn() throws Exception {
    Path run = folder.resolve("run");
    Process process = train(run);
    String rest;
    try (BufferedReader output = process.inputReader(UTF_8)) {
      String line = output.readLine();
      while (!line.startsWith("step 1/")) {
        line = output.readLine();
      }
      // Process.destroy would close our end of the output too.
      process.toHandle().destroy();
      rest = String.join("\n", output.lines().toList());
    }

    assertThat(process.waitFor()).as(rest).isZero();
    assertThat(rest)
        .contains("stopping after this step", "Stopped after ", "train --resume --out " + run);
    try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
      assertThat(checkpoints).hasSize(1);
    }
  }

  private Process train(Path run) throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), "to be or not to be\n".repeat(200));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JvmFlags.with(System.getProperty("os.name"), List.of()));
    command.addAll(List.of("-cp", everything(), Main.class.getName(), "train"));
    command.addAll(List.of("--data", text.toString(), "--out", run.toString()));
    command.addAll(
        List.of(
            ("--tokenizer char --layers 1 --d-model 16 --heads 2 --context 16 --batch 2"
                    + " --steps 10000000 --evaluate-every 10000000 --checkpoint-every 10000000"
                    + " --threads 1")
                .split(" ")));
    started = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return started;
  }

  /** All that this test sees, wherever the build put it, as one class path. */
  private static String everything() {
    return Stream.of(System.getProperty("jdk.module.path"), System.getProperty("java.class.path"))
        .filter(path -> path != null && !path.isEmpty())
        .reduce((left, right) -> left + File.pathSeparator + right)
        .orElseThrow();
  }
}
