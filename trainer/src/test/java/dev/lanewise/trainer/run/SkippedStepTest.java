package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lanewise.trainer.fixture.BadKernels;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.step.NonFiniteException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses that are NaN in the middle of a run that goes on. */
class SkippedStepTest {

  @TempDir private Path folder;

  private final BadKernels bad = new BadKernels();

  private SmallRun skipping() {
    return SmallRun.in(folder.resolve("run")).with(bad.set()).with(NonFinitePolicy.SKIP);
  }

  /** Losses are NaN in steps {@code from} to {@code to - 1}. */
  private RecordingListener badBetween(long from, long to) {
    bad.trainingLoss = from == 0;
    return new RecordingListener() {
      @Override
      public void onStep(StepMetrics metrics) {
        super.onStep(metrics);
        next(metrics.step() + 1);
      }

      @Override
      public void onSkippedStep(long step, String reason) {
        super.onSkippedStep(step, reason);
        next(step + 1);
      }

      private void next(long step) {
        bad.trainingLoss = step >= from && step < to;
      }
    };
  }

  @Test
  void aSkippedStepIsCountedAndTheRunGoesOn() throws IOException {
    RecordingListener heard = badBetween(3, 4);
    TrainingRun.Outcome outcome = skipping().train(heard);

    assertThat(outcome.completed()).isTrue();
    assertThat(outcome.completedSteps()).isEqualTo(6);
    assertThat(outcome.skippedSteps()).isEqualTo(1);
    assertThat(heard.skipped).containsExactly(3L);
    assertThat(heard.steps).containsExactly(0L, 1L, 2L, 4L, 5L);
    assertThat(heard.losses).allMatch(Double::isFinite);

    RecordingListener sound = new RecordingListener();
    assertThat(SmallRun.in(folder.resolve("sound")).train(sound).skippedSteps()).isZero();
    assertThat(heard.losses.subList(0, 3)).isEqualTo(sound.losses.subList(0, 3));
  }

  @Test
  void nothingIsSavedUntilALossIsFiniteAgain() throws IOException {
    RecordingListener heard = badBetween(2, 5);
    skipping()
        .with(ConfigKey.CHECKPOINT_EVERY, 1L)
        .with(ConfigKey.EVALUATE_EVERY, 100L)
        .train(heard);
    assertThat(heard.skipped).containsExactly(2L, 3L, 4L);
    assertThat(heard.saved).containsExactly(1L, 2L, 6L);
  }

  @Test
  void aLastStepThatIsSkippedLeavesTheRunComplete() throws IOException {
    RecordingListener heard = badBetween(5, 6);
    TrainingRun.Outcome outcome = skipping().train(heard);
    assertThat(outcome.completed()).isTrue();
    assertThat(heard.evaluations).containsExactly(2L, 4L, 6L);
    assertThat(skipping().newest().state().step()).isEqualTo(6);
    assertThat(skipping().newest().state().skipped()).isEqualTo(1);
  }

  @Test
  void aRunThatIsStoppedWhileItSkipsGoesBackToWhatIsSaved() throws IOException {
    SmallRun run = skipping().with(ConfigKey.EVALUATE_EVERY, 100L);
    TrainingRun[] stopped = new TrainingRun[1];
    RecordingListener heard =
        new RecordingListener() {
          @Override
          public void onStep(StepMetrics metrics) {
            super.onStep(metrics);
            bad.trainingLoss = metrics.step() == 2;
          }

          @Override
          public void onSkippedStep(long step, String reason) {
            super.onSkippedStep(step, reason);
            if (step == 4) {
              stopped[0].stop();
            }
          }
        };
    stopped[0] = new TrainingRun(run.with(ConfigKey.CHECKPOINT_EVERY, 3L).options(), heard);
    TrainingRun.Outcome outcome = stopped[0].run();
    assertThat(outcome.completed()).isFalse();
    assertThat(outcome.completedSteps()).isEqualTo(3);
    assertThat(heard.warnings).anyMatch(w -> w.contains("what came after 3 steps is not saved"));

    bad.trainingLoss = false;
    RecordingListener rest = new RecordingListener();
    assertThat(run.resumed().train(rest).completed()).isTrue();
    assertThat(rest.steps).containsExactly(3L, 4L, 5L);
  }

  /** Evaluations are finite, so the run is saved while it skips. */
  @Test
  void aResumedRunCountsOn() throws IOException {
    SmallRun run =
        skipping()
            .with(ConfigKey.STEPS, 20L)
            .with(ConfigKey.EVALUATE_EVERY, 1L)
            .with(ConfigKey.CHECKPOINT_EVERY, 1L);
    bad.trainingLoss = true;
    TrainingRun.Outcome stopped =
        run.train(
            stop ->
                new RecordingListener() {
                  @Override
                  public void onSkippedStep(long step, String reason) {
                    if (step == 5) {
                      stop.run();
                    }
                  }
                });
    assertThat(stopped.completedSteps()).isEqualTo(5);
    assertThat(run.newest().state().skippedInARow()).isEqualTo(5);

    NonFiniteException problem =
        catchThrowableOfType(
            NonFiniteException.class, () -> run.resumed().train(new RecordingListener()));
    assertThat(problem.step()).as("the eleventh in a row").isEqualTo(10);
    assertThat(problem)
        .hasMessageContaining("10 steps in a row were")
        .hasMessageContaining("a new run (another --out)");
  }
}
