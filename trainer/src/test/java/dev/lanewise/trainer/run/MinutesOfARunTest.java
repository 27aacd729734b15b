package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.InvalidConfigException;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run by minutes, under a clock that goes on by a second each time it is asked: after each step,
 * and now and then between.
 */
class MinutesOfARunTest {

  private static final long SECOND = 1_000_000_000L;

  @TempDir private Path folder;

  private static SmallRun minutes(Path run) {
    return byTime(SmallRun.in(run)).with(ConfigKey.MINUTES, 1.0);
  }

  private static SmallRun byTime(SmallRun run) {
    return run.with(ConfigKey.SCHEDULE, "wsd")
        .with(ConfigKey.WARMUP, 3L)
        .with(ConfigKey.EVALUATE_EVERY, 1000L)
        .with(ConfigKey.CHECKPOINT_EVERY, 10L);
  }

  private static LongSupplier clock() {
    long[] now = {-7 * SECOND};
    return () -> now[0] += SECOND;
  }

  private static TrainingRun.Outcome train(SmallRun run, TrainingListener listener)
      throws IOException {
    return new TrainingRun(run.options(), listener).withClock(clock()).run();
  }

  private static ConfigLayer config(Path run) throws IOException {
    return Resume.settings(new RunFolder(run), warning -> {}).orElseThrow();
  }

  /** As the command does: with the settings that the run's folder has. */
  private static SmallRun resumed(SmallRun run) throws IOException {
    return new SmallRun(
            run.folder(),
            config(run.folder()),
            run.text(),
            run.kernels(),
            false,
            run.onNonFinite(),
            run.onCheckpointFailure())
        .resumed();
  }

  private static void kill(SmallRun run, long after) {
    assertThatThrownBy(
            () ->
                train(
                    run,
                    RecordingListener.afterStep(
                        step -> {
                          if (step == after) {
                            throw new IllegalStateException("killed");
                          }
                        })))
        .hasMessage("killed");
  }

  private void assertSameAsARunOfSteps(TrainingRun.Outcome outcome, Path run) throws IOException {
    assertThat(outcome.completed()).isTrue();
    assertThat(outcome.completedSteps()).isEqualTo(outcome.steps());
    Path other = folder.resolve("steps-" + run.getFileName());
    byTime(SmallRun.in(other))
        .with(ConfigKey.STEPS, outcome.steps())
        .train(new RecordingListener());
    String last = "checkpoints/step-%06d/".formatted(outcome.steps());
    for (String name : List.of("model.safetensors", "optimizer.state")) {
      assertThat(run.resolve(last + name)).hasSameBinaryContentAs(other.resolve(last + name));
    }
  }

  @Test
  void endsInTimeAndIsARunOfSoManySteps() throws IOException {
    Path run = folder.resolve("run");
    List<Long> decided = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    TrainingRun.Outcome outcome =
        train(
            minutes(run),
            new RecordingListener() {
              @Override
              public void onReady(RunFacts facts) {
                assertThat(facts.steps()).isEqualTo(Progress.UNKNOWN);
              }

              @Override
              public void onEndDecided(RunFacts facts) {
                decided.addAll(List.of(facts.firstStep(), facts.steps()));
              }

              @Override
              public void onStep(StepMetrics metrics) {
                rates.add(metrics.learningRate());
              }
            });

    // A second a step, and some more for the checkpoints.
    assertThat(outcome.steps()).isBetween(45L, 60L);
    assertThat(decided).hasSize(2).last().isEqualTo(outcome.steps());
    assertThat(decided.getFirst()).isBetween(outcome.steps() * 3 / 4, outcome.steps() * 5 / 6);
    int plateau = decided.getFirst().intValue();
    assertThat(rates.subList(3, plateau)).containsOnly(1e-3);
    assertThat(rates.subList(plateau, rates.size())).allMatch(rate -> rate <= 1e-3);
    assertThat(rates.getLast()).isEqualTo(config(run).value(ConfigKey.MIN_LR).orElseThrow());
    assertThat(config(run).value(ConfigKey.STEPS)).contains(outcome.steps());
    assertThat(config(run).value(ConfigKey.MINUTES)).contains(0.0);
    assertSameAsARunOfSteps(outcome, run);
  }

  /** Rows of tables that rest move by the rates of steps that have been, of the plateau or not. */
  @Test
  void tablesKnowOfTheEndToo() throws IOException {
    Path run = folder.resolve("run");
    TrainingRun.Outcome outcome = train(withTables(minutes(run)), new RecordingListener());

    Path other = folder.resolve("other");
    withTables(byTime(SmallRun.in(other)))
        .with(ConfigKey.STEPS, outcome.steps())
        .train(new RecordingListener());
    String last = "checkpoints/step-%06d/".formatted(outcome.steps());
    for (String name : List.of("model.safetensors", "optimizer.state")) {
      assertThat(run.resolve(last + name)).hasSameBinaryContentAs(other.resolve(last + name));
    }
  }

  /** Which steps are sampled does not depend on whether the end was known. */
  @ParameterizedTest
  @ValueSource(longs = {-1, 28, 41, 48})
  void aSampledSoftmaxKnowsOfTheEndToo(long killedAfter) throws IOException {
    SmallRun run = sampled(minutes(folder.resolve("run")));
    if (killedAfter >= 0) {
      kill(run, killedAfter);
      run = resumed(run);
    }
    List<Long> flops = new ArrayList<>();
    TrainingRun.Outcome outcome =
        train(
            run,
            new RecordingListener() {
              @Override
              public void onStep(StepMetrics metrics) {
                flops.add(metrics.flops());
              }
            });
    assertThat(flops.getFirst()).isLessThan(flops.getLast());
    SmallRun other =
        sampled(byTime(SmallRun.in(folder.resolve("other"))))
            .with(ConfigKey.STEPS, outcome.steps());
    other.train(new RecordingListener());
    String last = "checkpoints/step-%06d/".formatted(outcome.steps());
    for (String name : List.of("model.safetensors", "optimizer.state")) {
      assertThat(run.folder().resolve(last + name))
          .hasSameBinaryContentAs(other.folder().resolve(last + name));
    }
  }

  private static SmallRun sampled(SmallRun run) {
    return run.with(TextSource.of("a text", Texts.SAMPLE + Texts.LINES))
        .with(ConfigKey.SAMPLED_SOFTMAX, 1)
        .with(ConfigKey.CONTEXT, 7);
  }

  private static SmallRun withTables(SmallRun run) {
    return run.with(ConfigKey.FAMILY, "lanewise")
        .with(ConfigKey.BIASES, false)
        .with(ConfigKey.TIED_HEAD, false)
        .with(ConfigKey.NGRAMS, "2:100");
  }

  @Test
  void killedInTheDecayItGoesOnToTheSameEnd() throws IOException {
    SmallRun run = minutes(folder.resolve("run"));
    kill(run, 48);
    Object steps = config(run.folder()).value(ConfigKey.STEPS).orElseThrow();
    RecordingListener listener = new RecordingListener();
    TrainingRun.Outcome outcome = train(resumed(run), listener);

    assertThat(listener.steps.getFirst()).isEqualTo(40);
    assertThat(listener.warnings).isEmpty();
    assertThat(outcome.steps()).isEqualTo(steps);
    assertSameAsARunOfSteps(outcome, run.folder());
  }

  @Test
  void killedBeforeItKnowsTheTimeThatItHasTaken() throws IOException {
    SmallRun run = minutes(folder.resolve("run"));
    kill(run, 28);
    assertThat(config(run.folder()).value(ConfigKey.MINUTES)).contains(1.0);
    double taken = run.newest().state().seconds();
    assertThat(taken).isBetween(20.0, 35.0);
    TrainingRun.Outcome outcome = train(resumed(run), new RecordingListener());

    assertThat(outcome.steps()).isBetween(40L, 60L);
    assertSameAsARunOfSteps(outcome, run.folder());
  }

  @Test
  void stoppedBeforeItHasNoNumberOfSteps() throws IOException {
    SmallRun run = minutes(folder.resolve("run"));
    TrainingRun.Outcome outcome =
        run.train(stop -> RecordingListener.afterStep(step -> stop.run()));

    assertThat(outcome.completed()).isFalse();
    assertThat(outcome.completedSteps()).isEqualTo(1);
    assertThat(outcome.steps()).isEqualTo(Progress.UNKNOWN);
    assertThat(Files.readString(run.folder().resolve("report.html"))).contains("After 1 step, on");
  }

  @Test
  void aRunOfStepsLeavesNothingOfTheClock() throws IOException {
    SmallRun run = SmallRun.in(folder.resolve("run"));
    run.train(new RecordingListener());
    assertThat(run.newest().state().seconds()).isZero();
    assertThat(Files.readString(run.newest().folder().resolve("trainer.json")))
        .doesNotContain("seconds");
  }

  @Test
  void aScheduleThatHasToKnowTheEndIsRefused() {
    SmallRun run = minutes(folder.resolve("run")).with(ConfigKey.SCHEDULE, "cosine");
    assertThatThrownBy(() -> train(run, new RecordingListener()))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContainingAll("--minutes", "cosine", "--schedule wsd");
    assertThat(run.folder()).doesNotExist();
  }
}
