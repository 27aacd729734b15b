package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.cluster.ClusterException;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.ThreadRanks;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.optim.Schedules;
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

  private static TrainingRun.Outcome onRanks(int ranks, SmallRun run, TrainingListener listener) {
    return ThreadRanks.run(
        ranks,
        orders -> new TrainingRun(run.options(), listener).onRanks(orders).run(),
        orders -> {
          RankFollower.follow(
              orders,
              1 + orders.cluster().rank() % 2,
              VectorKernels.create(),
              Optimizers.STANDARD,
              Schedules.STANDARD);
          return null;
        });
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
    TrainingRun.Outcome outcome = onRanks(ranks, run(together), listener);

    assertThat(outcome.completed()).isTrue();
    assertThat(listener.steps).hasSize(6);
    requireSameFiles(together, alone);
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
    assertThatThrownBy(() -> onRanks(3, run.apply(killed), killing)).hasMessageContaining("killed");

    RecordingListener resumed = new RecordingListener();
    onRanks(4, run.apply(killed).resumed(), resumed);
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
    onRanks(2, run(together).with(ConfigKey.FROM, base.toString()), new RecordingListener());
    requireSameFiles(together, alone);
  }

  @Test
  void whatIsAddedToAModelIsTrainedByRanks() throws IOException {
    Path base = folder.resolve("base");
    Path alone = folder.resolve("alone");
    Path together = folder.resolve("together");
    run(base).train(new RecordingListener());
    adapting(alone, base).train(new RecordingListener());
    onRanks(3, adapting(together, base), new RecordingListener());
    for (String name : List.of("adapter_model.safetensors", "optimizer.state")) {
      assertThat(together.resolve(LAST + name)).hasSameBinaryContentAs(alone.resolve(LAST + name));
    }
  }

  private static SmallRun adapting(Path run, Path base) {
    return run(run)
        .with(ConfigKey.FROM, base.toString())
        .with(ConfigKey.LORA_RANK, 3)
        .with(ConfigKey.LORA_DROPOUT, 0.1);
  }

  @Test
  void moreRanksThanShardsEndAll() {
    assertThatThrownBy(() -> onRanks(5, run(folder.resolve("run")), new RecordingListener()))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(ClusterException.class)
        .hasMessageContaining("--shards 5");
  }
}
