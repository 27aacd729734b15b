package dev.lanewise.trainer.optim;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.trainer.settings.ScheduleSettings;

/** A kind of schedule that settings can name. */
public interface ScheduleKind extends Registry.Kind {

  /**
   * Makes a schedule.
   *
   * @param steps of the run
   */
  LearningRateSchedule create(ScheduleSettings settings, long steps);
}
