package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.cluster.ClusterException;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.ThreadRanks;
import dev.lanewise.trainer.settings.ConfigKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run of several ranks is one run in one folder, and that of one process. */
@Timeout(180)
class RankedRunTest {

  private static final String LAST = "checkpoints/step-000006/";

  private static final Pattern FIGURES =
      Pattern.compile("\"(step|loss|lr|grad_norm|val_loss|text)\":[^,}]*");

  @TempDir private Path folder;

  private static SmallRun run(Path folder) {
    return SmallRun.in(folder)
        .with(VectorKernels.create())
        .with(ConfigKey.BATCH, 4)
        .with(ConfigKey.ACCUMULATION, 2)
        .with(ConfigKey.DROPOUT, 0.1)
        .with(ConfigKey.SAMPLE_TOKENS, 5)
        .with(ConfigKey.CHECKPOINT_EVERY, 2L);
  }

  private static void requireSameFiles(Path run, Path other) throws IOException {
    for (String name : List.of("model.safetensors", "optimizer.state", "config.json")) {
      assertThat(run.resolve(LAST + name)).hasSameBinaryContentAs(other.resolve(LAST + name));
    }
    assertThat(figures(run)).isEqualTo(figures(other));
  }

  /** What the log says of losses, norms and samples, without what a clock has measured. */
  private static List<String> figures(Path run) throws IOException {
    return FIGURES
        .matcher(Files.readString(run.resolve("metrics.jsonl")))
        .results()
        .map(MatchResult::group)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void ranksDoNotChangeTheRun(int ranks) throws IOException {
    Path alone = folder.resolve("alone");
    Path together = folder.resolve("together");
    run(alone).train(new RecordingListener());

    RecordingListener listener = new RecordingListener();
    TrainingRun.Outcome outcome = ThreadRanks.train(ranks, run(together), listener);

    assertThat(outcome.completed()).isTrue();
    assertThat(listener.steps).hasSize(6);
    requireSameFiles(together, alone);
  }

  /** As those of several seeds are. */
  @Test
  void runsAreTrainedOneAfterAnother() throws IOException {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    ThreadRanks.lead(
        3,
        orders -> {
          ThreadRanks.train(orders, run(first), new RecordingListener());
          return ThreadRanks.train(orders, otherSeed(second), new RecordingListener());
        });

    run(folder.resolve("first-alone")).train(new RecordingListener());
    otherSeed(folder.resolve("second-alone")).train(new RecordingListener());
    requireSameFiles(first, folder.resolve("first-alone"));
    requireSameFiles(second, folder.resolve("second-alone"));
  }

  private static SmallRun otherSeed(Path folder) {
    return run(folder).with(ConfigKey.SEED, 4L).with(ConfigKey.CONTEXT, 10);
  }

  /** The others are let go of the run that fails, and of all. */
  @Test
  void aRunThatFailsBetweenStepsEndsAll() {
    RecordingListener failing =
        RecordingListener.afterStep(
            step -> {
              if (step == 1) {
                throw new IllegalStateException("the disk is full");
              }
            });
    assertThatThrownBy(
            () ->
                ThreadRanks.lead(
                    2,
                    orders -> {
                      try {
                        return ThreadRanks.train(orders, run(folder.resolve("run")), failing);
                      } finally {
                        orders.end();
                      }
                    }))
        .hasMessageContaining("the disk is full");
  }

  @Test
  void isKilledAndResumesOnAnotherNumberOfRanks() throws IOException {
    killedAndResumed(RankedRunTest::run, "model.safetensors");
  }

  /** Ranks send each other the model of a checkpoint, which does not have it. */
  @Test
  void anAdapterIsKilledAndResumesOnAnotherNumberOfRanks() throws IOException {
    Path base = folder.resolve("base");
    run(base).train(new RecordingListener());
    killedAndResumed(run -> adapting(run, base), "adapter_model.safetensors");
  }

  private void killedAndResumed(Function<Path, SmallRun> run, String weights) throws IOException {
    Path alone = folder.resolve("alone");
    Path killed = folder.resolve("killed");
    run.apply(alone).train(new RecordingListener());
    RecordingListener killing =
        RecordingListener.afterStep(
            step -> {
              if (step == 2) {
                throw new IllegalStateException("killed");
              }
            });
    assertThatThrownBy(() -> ThreadRanks.train(3, run.apply(killed), killing))
        .hasMessageContaining("killed");

    RecordingListener resumed = new RecordingListener();
    ThreadRanks.train(4, run.apply(killed).resumed(), resumed);
    assertThat(resumed.steps.getFirst()).isPositive();
    for (String name : List.of(weights, "optimizer.state")) {
      assertThat(killed.resolve(LAST + name)).hasSameBinaryContentAs(alone.resolve(LAST + name));
    }
  }

  @Test
  void aModelThatIsThereIsTrainedByRanks() throws IOException {
    Path base = folder.resolve("base");
    Path alone = folder.resolve("alone");
    Path together = folder.resolve("together");
    run(base).train(new RecordingListener());
    run(alone).with(ConfigKey.FROM, base.toString()).train(new RecordingListener());
    ThreadRanks.train(
        2, run(together).with(ConfigKey.FROM, base.toString()), new RecordingListener());
    requireSameFiles(together, alone);
  }

  /** The model lies in memory as its file has it, on all ranks. */
  @ParameterizedTest
  @EnumSource(
      value = Encoding.class,
      names = {"F32", "BF16", "F16"})
  void whatIsAddedToAModelIsTrainedByRanks(Encoding encoding) throws IOException {
    Path base = folder.resolve("base");
    Path alone = folder.resolve("alone");
    Path together = folder.resolve("together");
    run(base).train(new RecordingListener());
    Path model = encoded(base.resolve(LAST), encoding);
    adapting(alone, model).train(new RecordingListener());
    ThreadRanks.train(3, adapting(together, model), new RecordingListener());
    for (String name : List.of("adapter_model.safetensors", "optimizer.state")) {
      assertThat(together.resolve(LAST + name)).hasSameBinaryContentAs(alone.resolve(LAST + name));
    }
  }

  /** The model of a checkpoint, in a folder that is none. */
  private Path encoded(Path checkpoint, Encoding encoding) throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    ModelDescription description = ModelFolder.readConfig(checkpoint);
    Transformer plan = new Transformer(description.config(), VectorKernels.create(), 1, 1);
    ParameterStore weights = ModelFolder.readWeights(checkpoint, description, plan);
    ModelFolder.weights(description, weights, encoding).write(model.resolve(ModelFolder.WEIGHTS));
    for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
      Files.copy(checkpoint.resolve(name), model.resolve(name));
    }
    return model;
  }

  private static SmallRun adapting(Path run, Path base) {
    return run(run)
        .with(ConfigKey.FROM, base.toString())
        .with(ConfigKey.LORA_RANK, 3)
        .with(ConfigKey.LORA_DROPOUT, 0.1);
  }

  @Test
  void moreRanksThanShardsEndAll() {
    assertThatThrownBy(
            () -> ThreadRanks.train(5, run(folder.resolve("run")), new RecordingListener()))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(ClusterException.class)
        .hasMessageContaining("--shards 5");
  }
}
