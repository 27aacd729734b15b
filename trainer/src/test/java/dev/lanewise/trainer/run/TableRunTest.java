package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.trainer.files.Sha256;
import dev.lanewise.trainer.fixture.BadKernels;
import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of a model with tables: the bits do not depend on who computes, looks, or interrupts. */
class TableRunTest {

  private static final int STEPS = 41;
  private static final TextSource TEXT =
      TextSource.of("a text", (Texts.SAMPLE + Texts.LINES).repeat(2));

  @TempDir private Path folder;

  /** A row rests 16 steps after the one that touched it. */
  private SmallRun run(String name) {
    return SmallRun.in(folder.resolve(name))
        .with(TEXT)
        .with(VectorKernels.create())
        .with(ConfigKey.FAMILY, "lanewise")
        .with(ConfigKey.BIASES, false)
        .with(ConfigKey.TIED_HEAD, false)
        .with(ConfigKey.NGRAMS, "2:9000,3:512,4:2000")
        .with(ConfigKey.NGRAM_DROPOUT, 0.2)
        .with(ConfigKey.DROPOUT, 0.1)
        .with(ConfigKey.LAYERS, 2)
        .with(ConfigKey.CONTEXT, 7)
        .with(ConfigKey.BATCH, 5)
        .with(ConfigKey.SHARDS, 3)
        .with(ConfigKey.ACCUMULATION, 2)
        .with(ConfigKey.BETA1, 0.5)
        .with(ConfigKey.BETA2, 0.9)
        .with(ConfigKey.LR, 1e-2)
        .with(ConfigKey.STEPS, (long) STEPS)
        .with(ConfigKey.EVALUATE_EVERY, 100L)
        .with(ConfigKey.SAMPLE_TOKENS, 5);
  }

  private static void train(SmallRun run, int threads) throws IOException {
    run.train(threads, new RecordingListener());
  }

  private static Path last(SmallRun run) {
    return run.folder().resolve("checkpoints/step-%06d".formatted(STEPS));
  }

  private static void assertSame(SmallRun found, SmallRun expected) {
    for (String name : List.of("model.safetensors", "optimizer.state")) {
      assertThat(last(found).resolve(name))
          .as(name)
          .hasSameBinaryContentAs(last(expected).resolve(name));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void threadsAndKernelsDoNotShow(int shards) throws IOException {
    SmallRun one = run("one").with(ConfigKey.SHARDS, shards);
    train(one, 1);
    for (int threads : new int[] {2, 3}) {
      SmallRun several = run("threads" + threads).with(ConfigKey.SHARDS, shards);
      train(several, threads);
      assertSame(several, one);
    }
    SmallRun scalar = run("scalar").with(ConfigKey.SHARDS, shards).with(ScalarKernels.create());
    train(scalar, 2);
    assertSame(scalar, one);
  }

  /** Evaluations, samples and checkpoints look at the tables, and settle them for it. */
  @Test
  void lookingChangesNothing() throws IOException {
    SmallRun unseen = run("unseen");
    train(unseen, 1);
    SmallRun seen =
        run("seen").with(ConfigKey.EVALUATE_EVERY, 3L).with(ConfigKey.CHECKPOINT_EVERY, 4L);
    train(seen, 1);
    assertSame(seen, unseen);
  }

  /** Without it the model is another one; what it has is said by its own file. */
  @Test
  void rowsAreLeftOut() throws IOException {
    SmallRun all = run("all").with(ConfigKey.NGRAM_DROPOUT, 0.0);
    train(all, 2);
    SmallRun some = run("some");
    train(some, 2);
    assertThat(last(some).resolve("model.safetensors"))
        .matches(file -> !sameContent(file, last(all).resolve("model.safetensors")));
    assertThat(last(some).resolve("config.json")).content().contains("\"ngram_dropout\" : 0.2");
    assertThat(last(all).resolve("config.json")).content().doesNotContain("ngram_dropout");
  }

  private static boolean sameContent(Path a, Path b) {
    try {
      return Files.mismatch(a, b) < 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What an evaluation measures is what a checkpoint of that step has. */
  @Test
  void anEvaluationSeesRowsWhereTheirMomentumHasMovedThem() throws IOException {
    SmallRun run =
        run("run").with(ConfigKey.EVALUATE_EVERY, 9L).with(ConfigKey.CHECKPOINT_EVERY, 9L);
    RecordingListener before =
        RecordingListener.afterStep(
            step -> {
              if (step == 18) {
                throw new IllegalStateException("killed");
              }
            });
    assertThatThrownBy(() -> run.train(before)).hasMessage("killed");
    RecordingListener after = new RecordingListener();
    run.resumed().train(after);
    assertThat(before.evaluations).containsExactly(9L, 18L);
    assertThat(after.evaluations.getFirst()).isEqualTo(18);
    assertThat(after.evaluationLosses.getFirst()).isEqualTo(before.evaluationLosses.get(1));
  }

  @ParameterizedTest
  @CsvSource({"1, 12, 5", "17, 18, 7", "3, 40, 1", "20, 38, 13"})
  void killedTwiceItResumesToTheSameBits(long first, long second, long every) throws IOException {
    SmallRun whole = run("whole");
    train(whole, 1);
    SmallRun killed =
        run("killed").with(ConfigKey.CHECKPOINT_EVERY, every).with(ConfigKey.EVALUATE_EVERY, 9L);
    assertKilled(killed, first);
    SmallRun again = killed.resumed();
    if (killed.catalog().list().isEmpty()) {
      again = killed;
    }
    assertKilled(again, second);
    killed.resumed().train(new RecordingListener());
    assertSame(killed, whole);
  }

  private static void assertKilled(SmallRun run, long after) {
    assertThatThrownBy(
            () ->
                run.train(
                    RecordingListener.afterStep(
                        step -> {
                          if (step == after) {
                            throw new IllegalStateException("killed");
                          }
                        })))
        .hasMessage("killed");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 14, 15, 16, 31, 39})
  void stoppedItResumesToTheSameBits(long after) throws IOException {
    SmallRun whole = run("whole");
    train(whole, 1);
    SmallRun stopped = run("stopped");
    TrainingRun.Outcome outcome =
        stopped.train(
            stop ->
                RecordingListener.afterStep(
                    step -> {
                      if (step == after) {
                        stop.run();
                      }
                    }));
    assertThat(outcome.completedSteps()).isEqualTo(after + 1);
    stopped.resumed().train(new RecordingListener());
    assertSame(stopped, whole);
  }

  /** Step 12 and the two after it come to nothing. */
  @Test
  void stepsThatAreSkippedAreSkippedAlike() throws IOException {
    SmallRun unseen = skipping("unseen");
    unseen.train(badBetween(unseen));
    SmallRun seen =
        skipping("seen").with(ConfigKey.EVALUATE_EVERY, 1L).with(ConfigKey.CHECKPOINT_EVERY, 1L);
    seen.train(badBetween(seen));
    assertSame(seen, unseen);
  }

  private final BadKernels bad = new BadKernels();

  private SmallRun skipping(String name) {
    return run(name).with(bad.set()).with(NonFinitePolicy.SKIP);
  }

  private RecordingListener badBetween(SmallRun run) {
    bad.trainingLoss = false;
    return new RecordingListener() {
      @Override
      public void onStep(StepMetrics metrics) {
        bad.trainingLoss = metrics.step() == 11;
      }

      @Override
      public void onSkippedStep(long step, String reason) {
        assertThat(step).as(run.folder().toString()).isBetween(12L, 14L);
        bad.trainingLoss = step < 14;
      }
    };
  }

  /** A state whose SHA-256 is right and that is nonsense gives way to the one before it. */
  @ParameterizedTest
  @CsvSource({
    "rows.step.ngrams.2.weight, 77, ngrams.2.weight was changed after 77.0 steps of 41",
    "rows.moving_numbers.ngrams.3.weight, 100000, no row of ngrams.3.weight that moves"
  })
  void aStateOfNoTrainingIsRefused(String tensor, float value, String message) throws IOException {
    SmallRun run = run("run").with(ConfigKey.CHECKPOINT_EVERY, 20L);
    train(run, 1);
    byte[] expected = Files.readAllBytes(last(run).resolve("model.safetensors"));
    poke(last(run), tensor, value);
    RecordingListener heard = new RecordingListener();
    run.resumed().train(heard);
    assertThat(heard.warnings)
        .anySatisfy(
            warning ->
                assertThat(warning)
                    .contains(
                        "a checkpoint is damaged", "step-000041", "optimizer.state", message));
    assertThat(heard.steps.getFirst()).isEqualTo(40);
    assertThat(last(run).resolve("model.safetensors")).hasBinaryContent(expected);
  }

  /** Sets the first float of a tensor, and what the manifest says of the file. */
  private static void poke(Path checkpoint, String tensor, float value) throws IOException {
    Path file = checkpoint.resolve("optimizer.state");
    byte[] bytes = Files.readAllBytes(file);
    String before = hash(bytes);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) buffer.getLong(0);
    JsonNode names =
        new ObjectMapper().readTree(new String(bytes, 8, header, StandardCharsets.UTF_8));
    int offset = names.get(tensor).get("data_offsets").get(0).asInt();
    buffer.putFloat(8 + header + offset, value);
    Files.write(file, bytes);
    EditedFile.replace(checkpoint.resolve("manifest.json"), before, hash(bytes));
  }

  private static String hash(byte[] bytes) {
    return HexFormat.of().formatHex(Sha256.digest().digest(bytes));
  }

  @Test
  void aBitThatIsFlippedInTheStateIsFound() throws IOException {
    SmallRun run = run("run").with(ConfigKey.CHECKPOINT_EVERY, 20L);
    train(run, 1);
    EditedFile.flipABit(last(run).resolve("optimizer.state"));
    RecordingListener heard = new RecordingListener();
    run.resumed().train(heard);
    assertThat(heard.warnings)
        .anySatisfy(warning -> assertThat(warning).contains("a checkpoint is damaged"));
    assertThat(heard.steps.getFirst()).isEqualTo(40);
  }
}
