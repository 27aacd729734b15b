package dev.lanewise.trainer.run;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.trainer.optim.ScheduleKind;
import dev.lanewise.trainer.optim.Schedules;
import dev.lanewise.trainer.run.checkpoint.TrainingState;
import dev.lanewise.trainer.settings.InvalidConfigException;
import dev.lanewise.trainer.settings.Settings;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * When a run by minutes has to begin its decay to end in time. The clock decides one number, the
 * steps of the run; with that number a run without a clock comes to the same bits.
 *
 * <p>The rest of the run is taken to go as fast as the last half of the steps so far, with the
 * evaluations and checkpoints between them, and to end with one evaluation more. If its steps have
 * more arithmetic, it is taken to be slower by as much.
 */
final class Deadline {

  private final Settings settings;
  private final ScheduleKind schedule;
  private final LongSupplier nanoTime;
  private final long began;
  private double secondsBefore;
  private long first;
  private Mark older;
  private Mark newer;
  private double looked;
  private double evaluation;
  private double slower;

  /** The time that some steps have taken. */
  private record Mark(long steps, double seconds) {}

  /**
   * Makes the deadline of a run, which may have none.
   *
   * @param began when the process began with the run, by that clock
   * @throws InvalidConfigException if the schedule has to know the end from the beginning
   */
  Deadline(Settings settings, Registry<ScheduleKind> schedules, long began, LongSupplier nanoTime) {
    List<String> problems = Schedules.problems(schedules, settings);
    if (!problems.isEmpty()) {
      throw new InvalidConfigException(problems);
    }
    this.settings = settings;
    this.schedule = schedules.named(settings.schedule().kind());
    this.began = began;
    this.nanoTime = nanoTime;
  }

  /** Counts what the run has taken before. */
  void continueFrom(TrainingState state) {
    secondsBefore = state.seconds();
  }

  /** Returns the time that the run has taken; 0 if it never went by minutes. */
  double seconds() {
    return settings.step().isOpen() || secondsBefore > 0
        ? secondsBefore + (nanoTime.getAsLong() - began) / 1e9
        : 0;
  }

  /**
   * Begins to measure steps.
   *
   * @param slowerAtTheEnd how many times as long steps after the decision may take
   */
  void start(long completed, double slowerAtTheEnd) {
    slower = slowerAtTheEnd;
    first = completed;
    newer = new Mark(0, seconds());
    older = newer;
  }

  /** Returns how many steps the run has if it has to begin its decay now; empty if it has not. */
  OptionalLong endIfDue(long completed) {
    long taken = completed - first;
    looked = seconds();
    if (taken >= 2 * newer.steps) {
      older = newer;
      newer = new Mark(taken, looked);
    }
    double perStep = (looked - older.seconds) / (taken - older.steps);
    long end = schedule.endAfter(settings.schedule(), completed).orElseThrow();
    double left = (end - completed) * perStep * slower + evaluation;
    boolean due = looked + left >= settings.step().minutes() * 60;
    return due ? OptionalLong.of(end) : OptionalLong.empty();
  }

  /** An evaluation has ended that began when the last question was asked. */
  void evaluated() {
    evaluation = seconds() - looked;
  }
}
