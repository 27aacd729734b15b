package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.io.UnreadableFileException;
import dev.lanewise.trainer.fixture.LoggedWarnings;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.fixture.disk.FailingDisk;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.JsonLinesFiles;
import dev.lanewise.trainer.text.TextFiles;
import dev.lanewise.trainer.text.TrainingData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that another user owns: they are not damaged, and leave to write would not help. */
class UnreadableFilesTest {

  @TempDir private Path folder;
  private final FailingDisk disk = new FailingDisk();

  /** From now on a file may not be opened, of several with one name only the first one. */
  private void forbid(String name, boolean onlyOnce) {
    disk.countReads();
    boolean[] refused = new boolean[1];
    disk.watch(
        operation -> {
          if (operation.equals("open " + name) && !refused[0]) {
            refused[0] = onlyOnce;
            throw new AccessDeniedException(name);
          }
        });
  }

  private SmallRun run(TrainingData text) {
    return SmallRun.in(disk.path(folder.resolve("run")))
        .with(ConfigKey.CHECKPOINT_EVERY, 2L)
        .with(text);
  }

  private static void requireAdvice(SmallRun run, String name) {
    assertThatThrownBy(() -> run.train(new RecordingListener()))
        .isInstanceOf(IOException.class)
        .message()
        .contains(name, "cannot be read: permission denied")
        .doesNotContain("write", "--out", "damaged");
  }

  @ParameterizedTest
  @ValueSource(strings = {"metrics.jsonl", "training.tokens", "text.txt"})
  void aRunNamesWhatItMayNotRead(String name) throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), Texts.LINES);
    SmallRun run = run(TextFiles.of(List.of(disk.path(text))));
    run.train(new RecordingListener());
    forbid(name, false);
    requireAdvice(run.resumed().with(ConfigKey.STEPS, 8L), name);
  }

  @Test
  void aRunNamesDocumentsThatItMayNotRead() throws IOException {
    Path lines =
        Files.writeString(folder.resolve("text.jsonl"), "{\"text\": \"to be or\"}\n".repeat(50));
    SmallRun run = run(JsonLinesFiles.of(List.of(disk.path(lines))));
    run.train(new RecordingListener());
    forbid("text.jsonl", false);
    requireAdvice(run.resumed().with(ConfigKey.STEPS, 8L), "text.jsonl");
  }

  /** Going on from the one before would replace it in the end. */
  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "manifest.json", "optimizer.state"})
  void aCheckpointThatMayNotBeReadIsNotPassedOver(String name) throws IOException {
    SmallRun run = run(SmallRun.TEXT);
    run.train(new RecordingListener());
    Path newest = run.newest().folder();
    forbid(name, true);
    requireAdvice(run.resumed().with(ConfigKey.STEPS, 8L), name);

    RecordingListener listener = new RecordingListener();
    assertThat(run.newest().folder()).isEqualTo(newest);
    run.resumed().with(ConfigKey.STEPS, 8L).train(listener);
    assertThat(listener.warnings).noneMatch(warning -> warning.contains("checkpoint"));
  }

  @Test
  void aModelThatMayNotBeReadIsNotCalledDamaged() throws IOException {
    SmallRun run = run(SmallRun.TEXT);
    run.train(new RecordingListener());
    Path checkpoint = run.newest().folder();
    forbid("model.safetensors", false);
    assertThatThrownBy(() -> FoundModel.find(checkpoint, Progress.SILENT))
        .isInstanceOf(UnreadableFileException.class)
        .hasMessageContaining("model.safetensors: it cannot be read: permission denied");
    forbid("model.safetensors", true);
    try (LoggedWarnings warnings = new LoggedWarnings("dev.lanewise.trainer.run")) {
      FoundModel.find(run.folder(), Progress.SILENT);
      assertThat(warnings.messages().getFirst())
          .contains("cannot be used", "let this user read it")
          .doesNotContain("damaged");
    }
  }

  /** An export that reads it would else be told of the place that it writes to. */
  @Test
  void aDiskThatFailsWhileWeightsAreReadIsThatOfTheWeights() throws IOException {
    String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    Path weights = disk.path(Files.write(folder.resolve("model.safetensors"), bytes.array()));
    FloatTensor into = new FloatTensor(new float[2], 0, Shape.of(2));
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      file.read("a", into);
      disk.countReads();
      disk.watch(
          operation -> {
            throw new IOException("Input/output error");
          });
      assertThatThrownBy(() -> file.read("a", into))
          .isInstanceOf(UnreadableFileException.class)
          .hasMessage(weights + ": it cannot be read: Input/output error; check the disk");
    }
  }
}
