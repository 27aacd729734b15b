package dev.lanewise.trainer.optim;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.trainer.settings.ScheduleSettings;
import java.util.OptionalLong;

/** A kind of schedule that settings can name. */
public interface ScheduleKind extends Registry.Kind {

  /**
   * Makes a schedule.
   *
   * @param steps of the run
   */
  LearningRateSchedule create(ScheduleSettings settings, long steps);

  /**
   * Returns how many steps a run has that begins to decay now, if its end may still be decided: as
   * few as leave the rates of the completed steps as they are in any longer run. Empty if each rate
   * depends on the end, which then has to be known from the beginning.
   */
  default OptionalLong endAfter(ScheduleSettings settings, long completed) {
    return OptionalLong.empty();
  }

  /**
   * Returns the step from which on a run's loss is exact that was taken over sampled tokens before:
   * that of the last quarter, when the rate is small and noise costs most (docs/learning/LOG.md).
   * Where {@link #endAfter} decides the end, it is none that the run had taken by then.
   *
   * @param steps of the run
   */
  default long exactFrom(ScheduleSettings settings, long steps) {
    return steps - steps / 4;
  }
}
