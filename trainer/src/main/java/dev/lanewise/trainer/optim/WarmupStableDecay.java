package dev.lanewise.trainer.optim;

import dev.lanewise.trainer.settings.ScheduleSettings;
import java.util.OptionalLong;

/**
 * Linear warmup, a plateau, and a straight line down (WSD; Hu et al., 2024): max · (t+1)/(w+1) for
 * t below w, then max, and in the last d steps min + (max - min) (total - 1 - t) / d, so that the
 * last step has the least rate.
 *
 * <p>Before the line no rate depends on the number of steps. So a run can be made longer, or its
 * end be decided on the way.
 *
 * @param max rate of the plateau
 * @param min rate of the last step
 * @param warmupSteps w
 * @param decaySteps d
 * @param totalSteps total
 */
record WarmupStableDecay(double max, double min, long warmupSteps, long decaySteps, long totalSteps)
    implements LearningRateSchedule {

  /** This schedule as settings name it. */
  public static final class Kind implements ScheduleKind {

    /** Makes the kind, which has no state. */
    public Kind() {}

    @Override
    public String id() {
      return "wsd";
    }

    @Override
    public LearningRateSchedule create(ScheduleSettings settings, long steps) {
      return new WarmupStableDecay(
          settings.maxLearningRate(),
          settings.minLearningRate(),
          settings.warmup(),
          decaySteps(settings, steps),
          steps);
    }

    /** At least one, and none of the warmup's. */
    private static long decaySteps(ScheduleSettings settings, long steps) {
      long share = Math.max(1, Math.round(settings.decayShare() * steps));
      return Math.min(share, steps - settings.warmup());
    }

    @Override
    public OptionalLong endAfter(ScheduleSettings settings, long completed) {
      long before = Math.max(completed, settings.warmup());
      long steps = Math.max(before + 1, (long) (before / (1 - settings.decayShare())));
      while (steps - decaySteps(settings, steps) < before) {
        steps++;
      }
      return OptionalLong.of(steps);
    }

    @Override
    public long exactFrom(ScheduleSettings settings, long steps) {
      long lineFrom = steps - decaySteps(settings, steps);
      return Math.max(lineFrom, ScheduleKind.super.exactFrom(settings, steps));
    }
  }

  @Override
  public double at(long step) {
    if (step < warmupSteps) {
      return max * (step + 1) / (warmupSteps + 1);
    }
    if (step < totalSteps - decaySteps) {
      return max;
    }
    return min + (max - min) * Math.max(0, totalSteps - 1 - step) / decaySteps;
  }
}
