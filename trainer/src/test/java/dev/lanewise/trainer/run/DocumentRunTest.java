package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallModel;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.fixture.ThreadRanks;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.JsonLinesFiles;
import dev.lanewise.trainer.text.conversation.DocumentSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs on JSON Lines: whatever interrupts them, on any threads, they come to one result. */
class DocumentRunTest {

  private static final int STEPS = 14;

  @TempDir private Path folder;
  private Path data;

  @BeforeEach
  void writeDocuments() throws IOException {
    data = folder.resolve("data.jsonl");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      String words = Texts.SAMPLE.substring(i, i + 5 + i % 17).replaceAll("[^a-z ]", "x");
      lines.append(
          i % 3 == 0
              ? "{\"text\": \"%s\"}\n".formatted(words)
              : "{\"prompt\": \"%s\", \"completion\": \"%s\"}\n".formatted(words, "no and yes"));
    }
    Files.writeString(data, lines);
  }

  private SmallRun run(String name) throws IOException {
    return SmallRun.in(folder.resolve(name))
        .with(JsonLinesFiles.of(List.of(data)))
        .with(VectorKernels.create())
        .with(ConfigKey.CONTEXT, 24)
        .with(ConfigKey.BATCH, 3)
        .with(ConfigKey.SHARDS, 3)
        .with(ConfigKey.ACCUMULATION, 2)
        .with(ConfigKey.DROPOUT, 0.1)
        .with(ConfigKey.LR, 1e-2)
        .with(ConfigKey.STEPS, (long) STEPS)
        .with(ConfigKey.EVALUATE_EVERY, 5L);
  }

  private static SmallRun withTables(SmallRun run) {
    return run.with(ConfigKey.FAMILY, "lanewise")
        .with(ConfigKey.BIASES, false)
        .with(ConfigKey.TIED_HEAD, false)
        .with(ConfigKey.NGRAMS, "2:900,3:512")
        .with(ConfigKey.NGRAM_DROPOUT, 0.2);
  }

  private static void train(SmallRun run, int threads) throws IOException {
    run.train(threads, new RecordingListener());
  }

  private static float[] weights(SmallRun run) throws IOException {
    return SmallModel.read(run.newest()).weights().data();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theNumberOfThreadsDoesNotShow(boolean tables) throws IOException {
    List<byte[]> models = new ArrayList<>();
    for (int threads = 1; threads <= 4; threads++) {
      SmallRun run = run("on" + threads);
      run = tables ? withTables(run) : run;
      train(run, threads);
      models.add(Files.readAllBytes(run.newest().folder().resolve("model.safetensors")));
    }
    assertThat(models).allMatch(model -> Arrays.equals(model, models.getFirst()));
  }

  /** Windows that are packed with documents have another number of rows and targets each. */
  @ParameterizedTest
  @CsvSource({"2, false", "3, false", "2, true", "3, true"})
  void norDoesTheNumberOfRanks(int ranks, boolean tables) throws IOException {
    SmallRun alone = tables ? withTables(run("alone")) : run("alone");
    SmallRun together = tables ? withTables(run("together")) : run("together");
    train(alone, 1);
    ThreadRanks.train(ranks, together, new RecordingListener());
    for (String name : List.of("model.safetensors", "optimizer.state")) {
      assertThat(together.newest().folder().resolve(name))
          .hasSameBinaryContentAs(alone.newest().folder().resolve(name));
    }
    assertThat(together.newest().state().best()).isEqualTo(alone.newest().state().best());
  }

  /** Also after the documents are gone, of which the run has what it needs. */
  @ParameterizedTest
  @CsvSource({"1, false", "7, false", "7, true", "13, false"})
  void aStoppedRunGoesOnToTheSameBits(int stop, boolean gone) throws IOException {
    SmallRun whole = run("whole");
    whole.train(new RecordingListener());
    SmallRun parts = run("parts");
    parts.train(
        stopping ->
            RecordingListener.afterStep(
                step -> {
                  if (step == stop - 1) {
                    stopping.run();
                  }
                }));
    assertThat(parts.newest().state().step()).isEqualTo(stop);
    SmallRun resumed = parts.resumed();
    if (gone) {
      Files.delete(data);
      resumed =
          new SmallRun(
              resumed.folder(),
              resumed.layer(),
              null,
              resumed.kernels(),
              true,
              resumed.onNonFinite(),
              resumed.onCheckpointFailure());
    } else {
      // What is damaged is made again.
      Files.writeString(parts.folder().resolve("data/training.documents"), "LANEDOCS");
    }
    List<DocumentSummary> told = new ArrayList<>();
    resumed.train(
        new RecordingListener() {
          @Override
          public void onDocuments(DocumentSummary summary) {
            told.add(summary);
          }
        });
    assertThat(weights(resumed)).isEqualTo(weights(whole));
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().documents()).isEqualTo(60);
  }

  @Test
  void changedDocumentsAreRefused() throws IOException {
    SmallRun run = run("run");
    run.train(
        stopping ->
            RecordingListener.afterStep(
                step -> {
                  if (step == 2) {
                    stopping.run();
                  }
                }));
    Files.writeString(data, Files.readString(data) + "{\"text\": \"more\"}\n");
    byte[] before = Files.readAllBytes(run.folder().resolve("data/training.tokens"));
    assertThatThrownBy(() -> run.resumed().train(new RecordingListener()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the text is not the one that the run");
    assertThat(run.folder().resolve("data/training.tokens")).hasBinaryContent(before);
    assertThatThrownBy(
            () -> run.resumed().with(ConfigKey.TRAIN_ON, "all").train(new RecordingListener()))
        .hasMessageContaining("--train-on was answers and is now all");
    assertThatThrownBy(() -> run.resumed().with(SmallRun.TEXT).train(new RecordingListener()))
        .hasMessageContaining("was begun on JSON Lines");
  }

  /** An epoch is all windows, and stepping says what counted. */
  @Test
  void epochsDecideTheSteps() throws IOException {
    List<StepMetrics> taken = new ArrayList<>();
    SmallRun run = run("run").with(ConfigKey.EPOCHS, 2.0).with(ConfigKey.BATCH, 1);
    run = run.with(ConfigKey.ACCUMULATION, 1).with(ConfigKey.SHARDS, 1);
    run.train(
        new RecordingListener() {
          @Override
          public void onStep(StepMetrics metrics) {
            taken.add(metrics);
          }
        });
    long rows = taken.stream().mapToLong(StepMetrics::tokens).sum();
    long counted = taken.stream().mapToLong(StepMetrics::counted).sum();
    int half = taken.size() / 2;
    assertThat(taken).hasSize(2 * half);
    assertThat(2 * taken.stream().limit(half).mapToLong(StepMetrics::tokens).sum()).isEqualTo(rows);
    assertThat(2 * taken.stream().limit(half).mapToLong(StepMetrics::counted).sum())
        .isEqualTo(counted);
    assertThat(counted).isLessThan(rows);
    StepMetrics some =
        taken.stream().filter(step -> step.counted() < step.tokens()).findFirst().orElseThrow();
    assertThat(Files.readString(run.folder().resolve("metrics.jsonl")))
        .contains("\"tokens\":%d,\"counted\":%d".formatted(some.tokens(), some.counted()));
  }

  @Test
  void ofTenDocumentsOneValidatesUnlessThereAreOthers() throws IOException {
    SmallRun tenth = run("tenth");
    tenth.train(new RecordingListener());
    Path other = folder.resolve("other.jsonl");
    Files.writeString(other, "{\"text\": \"xxxx\"}\n");
    SmallRun others =
        run("others").with(JsonLinesFiles.of(List.of(data)).validatingOn(List.of(other)));
    others.train(new RecordingListener());
    assertThat(documents(tenth, "training")).isEqualTo(54);
    assertThat(documents(tenth, "validation")).isEqualTo(6);
    assertThat(documents(others, "training")).isEqualTo(60);
    assertThat(documents(others, "validation")).isEqualTo(1);
    assertThat(RunDocuments.in(new RunFolder(others.folder())).orElseThrow().validation())
        .containsExactly(other);
    // Changed, they are noticed as those to train on are.
    Files.writeString(other, "{\"text\": \"yyyy\"}\n");
    assertThatThrownBy(() -> others.resumed().train(new RecordingListener()))
        .hasMessageContaining("the text is not the one");
  }

  private static int documents(SmallRun run, String name) throws IOException {
    byte[] bytes = Files.readAllBytes(run.folder().resolve("data/" + name + ".documents"));
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(12);
  }

  @Test
  void aRunInWhichNothingCountsIsRefused() throws IOException {
    Files.writeString(
        data, "{\"prompt\": \"all of this is read\", \"completion\": \"\"}\n".repeat(20));
    assertThatThrownBy(() -> run("run").train(new RecordingListener()))
        .hasMessageContaining("none of the 380 tokens of 20 documents counts")
        .hasMessageContaining("--train-on all");
    run("all").with(ConfigKey.TRAIN_ON, "all").train(new RecordingListener());
    Files.writeString(
        data,
        "{\"prompt\": \"%s\", \"completion\": \"yes\"}\n".formatted("no ".repeat(30)).repeat(20));
    assertThatThrownBy(() -> run("long").train(new RecordingListener()))
        .hasMessageContaining("--long split");
    run("split").with(ConfigKey.LONG, "split").train(new RecordingListener());
    Files.writeString(data, "");
    assertThatThrownBy(() -> run("none").train(new RecordingListener()))
        .hasMessageContaining("there is no document in it");
    Files.writeString(data, "{\"text\": \"only one\"}");
    assertThatThrownBy(() -> run("one").train(new RecordingListener()))
        .hasMessageContaining("--validation");
  }

  @Test
  void aBadLineIsNamedOrLeftOut() throws IOException {
    Files.writeString(data, Files.readString(data) + "{\"text\": 7}\n");
    assertThatThrownBy(() -> run("run").train(new RecordingListener()))
        .hasMessageContaining(data + ": line 61, text: expected a string, found 7");
    List<DocumentSummary> told = new ArrayList<>();
    run("skipping")
        .with(JsonLinesFiles.of(List.of(data)).skippingBad())
        .train(
            new RecordingListener() {
              @Override
              public void onDocuments(DocumentSummary summary) {
                told.add(summary);
              }
            });
    assertThat(told.getFirst().bad()).isEqualTo(1);
    assertThat(told.getFirst().documents()).isEqualTo(60);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"format_version\": 2}",
        "{\"format_version\": 1, \"validation\": 3, \"begun\": \"2026-01-01\"}",
        "{\"format_version\": 1, \"validation\": [], \"begun\": \"yesterday\"}",
        "{\"format_version\": 1, \"validation\": [\"\\u0000\"], \"begun\": \"2026-01-01\"}"
      })
  void whatIsDamagedIsNamed(String content) throws IOException {
    SmallRun run = run("run").with(ConfigKey.STEPS, 1L);
    run.train(new RecordingListener());
    Path file = Files.writeString(run.folder().resolve("documents.json"), content);
    assertThatThrownBy(() -> run.resumed().train(new RecordingListener()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }
}
