package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.optim.Schedules;
import dev.lanewise.trainer.run.CheckpointFailurePolicy;
import dev.lanewise.trainer.run.NonFinitePolicy;
import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.run.TrainingRun;
import dev.lanewise.trainer.settings.ConfigYaml;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.TextFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run is the same folder for the command line and for a program that calls the library. */
class RunFromCodeTest {

  @TempDir private Path folder;

  @Test
  void theFolderIsTheOneThatTheCommandWrites() throws IOException {
    Path text = Files.writeString(folder.resolve("a.txt"), Texts.LINES);
    Path command = folder.resolve("command/run");
    Path code = folder.resolve("code/run");
    CommandRun run =
        CommandRun.train(
                text,
                command,
                "--steps=6",
                "--checkpoint-every=2",
                "--evaluate-every=3",
                "--sample-tokens=5",
                "--recompute=on")
            .requireSuccess();
    assertThat(run.out()).contains("computed again in backward");

    Settings settings = ConfigYaml.read(new RunFolder(command).config()).toSettings();
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    try (Display display =
        new LineDisplay(new TextDisplay.Streams(nowhere, nowhere, true), System::nanoTime)) {
      new TrainingRun(
              new TrainingRun.Options(
                  settings,
                  code,
                  TextFiles.of(List.of(text)),
                  1,
                  VectorKernels.create(),
                  Optimizers.STANDARD,
                  Schedules.STANDARD,
                  false,
                  NonFinitePolicy.STOP,
                  CheckpointFailurePolicy.STOP),
              new WatchedRun(
                  display, new MemoryEstimate(settings, 1, 1L << 40, Recompute.AUTO), "here"))
          .run();
    }
    assertThat(files(code))
        .isEqualTo(files(command))
        .containsKeys("config.yaml", "text.json", "metrics.jsonl", "report.html")
        .containsKey("checkpoints/step-000006/model.safetensors");
  }

  /** What is in each file, but for the clock, memory, and the owner of the lock. */
  private static Map<String, String> files(Path run) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(run)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        files.put(
            run.relativize(file).toString(),
            // The report draws time and memory.
            file.endsWith("run.lock") || file.endsWith("report.html")
                ? ""
                : content
                    .replaceAll(",\"(heap|resident)_bytes\":[^,}]*", "")
                    .replaceAll("\"(ms|tokens_per_s|gflops|peak_fraction)\":[^,}]*", "\"$1\":0"));
      }
    }
    return files;
  }
}
