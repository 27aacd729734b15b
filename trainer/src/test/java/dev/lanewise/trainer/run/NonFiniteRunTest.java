package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lanewise.trainer.fixture.BadKernels;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallModel;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.step.NonFiniteException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong outside of steps: in an evaluation, in a sample, in what is to be saved. */
class NonFiniteRunTest {

  @TempDir private Path folder;

  private final BadKernels bad = new BadKernels();

  private SmallRun run(NonFinitePolicy policy) {
    return SmallRun.in(folder.resolve("run")).with(bad.set()).with(policy);
  }

  /** The model is of no use from the end of a step until somebody is told. */
  private RecordingListener badAfter(long step) {
    return new RecordingListener() {
      @Override
      public void onStep(StepMetrics metrics) {
        super.onStep(metrics);
        bad.forward = metrics.step() == step;
      }

      @Override
      public void onWarning(String message) {
        super.onWarning(message);
        bad.forward = false;
      }
    };
  }

  private static NonFiniteException failureOf(SmallRun run, RecordingListener heard) {
    return catchThrowableOfType(NonFiniteException.class, () -> run.train(heard));
  }

  @ParameterizedTest
  @ValueSource(longs = {2, 4})
  void anEvaluationThatIsNotFiniteStopsTheRun(long evaluation) throws IOException {
    SmallRun run = run(NonFinitePolicy.STOP).with(ConfigKey.SAMPLE_TOKENS, 4);
    NonFiniteException problem = failureOf(run, badAfter(evaluation - 1));
    assertThat(problem.step()).isEqualTo(evaluation);
    assertThat(problem.tensor()).isEqualTo("the output of layers.0.feed_forward.gelu (forward)");
    assertThat(problem)
        .hasMessageContaining("evaluation after " + evaluation + " steps: ")
        .hasMessageContaining("layers.0.feed_forward.gelu")
        .hasMessageContaining("--on-non-finite=skip")
        .hasMessageContaining("--out");
    assertThat(run.catalog().list()).doesNotContainKey(evaluation).hasSize(evaluation == 4 ? 1 : 0);
  }

  @Test
  void skippingLeavesOutWhatAnEvaluationLeadsTo() throws IOException {
    SmallRun run =
        run(NonFinitePolicy.SKIP)
            .with(ConfigKey.SAMPLE_TOKENS, 4)
            .with(ConfigKey.CHECKPOINT_EVERY, 1L);
    RecordingListener heard = badAfter(1);
    assertThat(run.train(heard).completed()).isTrue();
    assertThat(heard.warnings)
        .anyMatch(
            w ->
                w.contains("evaluation after 2 steps") && w.contains("layers.0.feed_forward.gelu"));
    assertThat(heard.evaluations).containsExactly(4L, 6L);
    assertThat(heard.samples).containsExactly(4L, 6L);
    assertThat(heard.saved).containsExactly(1L, 3L, 4L, 5L, 6L);
  }

  @Test
  void aRunThatEndsWithABadEvaluationFails() throws IOException {
    SmallRun run = run(NonFinitePolicy.SKIP);
    NonFiniteException problem = failureOf(run, badAfter(5));
    assertThat(problem.step()).isEqualTo(6);
    assertThat(run.newest().state().step()).isEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource(NonFinitePolicy.class)
  void aSampleThatIsNotFiniteIsNotTheBest(NonFinitePolicy policy) throws IOException {
    SmallRun run = run(policy).with(ConfigKey.SAMPLE_TOKENS, 4);
    RecordingListener heard =
        new RecordingListener() {
          @Override
          public void onEvaluation(long completedSteps, double loss, boolean best) {
            super.onEvaluation(completedSteps, loss, best);
            bad.forward = completedSteps == 4;
          }

          @Override
          public void onWarning(String message) {
            super.onWarning(message);
            bad.forward = false;
          }
        };
    if (policy == NonFinitePolicy.STOP) {
      NonFiniteException problem = failureOf(run, heard);
      assertThat(problem)
          .hasMessageContaining("sample after 4 steps")
          .hasMessageContaining("logits");
      assertThat(problem.step()).isEqualTo(4);
      assertThat(run.newest().state().step()).isEqualTo(2);
    } else {
      run.train(heard);
      assertThat(heard.warnings).anyMatch(w -> w.contains("sample after 4 steps"));
      assertThat(heard.samples).containsExactly(2L, 6L);
      assertThat(heard.saved).containsExactly(2L, 6L);
    }
  }

  /** A gradient so long that its square overflows, and no clipping. */
  @ParameterizedTest
  @EnumSource(NonFinitePolicy.class)
  void whatCouldNotBeLoadedIsNotSaved(NonFinitePolicy policy) throws IOException {
    SmallRun run =
        run(policy)
            .with(ConfigKey.CLIP, 0.0)
            .with(ConfigKey.CHECKPOINT_EVERY, 1L)
            .with(ConfigKey.KEEP, 1);
    RecordingListener heard =
        RecordingListener.afterStep(step -> bad.gradientScale = step == 2 ? 1e25f : 1);
    NonFiniteException problem = failureOf(run, heard);
    assertThat(heard.steps).as("loss and gradient are finite").containsExactly(0L, 1L, 2L, 3L);
    assertThat(problem.step()).isEqualTo(4);
    assertThat(problem.tensor()).startsWith("the second moment of ");
    assertThat(problem)
        .hasMessageContaining("checkpoint after 4 steps")
        .hasMessageContaining("a new run (another --out)");
    Checkpoint kept = run.newest();
    assertThat(kept.state().step()).isEqualTo(3);
    SmallModel.read(kept);
  }
}
