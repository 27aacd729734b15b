package dev.lanewise.trainer.optim;

import dev.lanewise.trainer.settings.ScheduleSettings;

/**
 * Linear warmup, then a straight line down: max · (t+1)/(w+1) for t below w, then min + (max - min)
 * (total - t)/(total - w). No step has rate 0 unless the minimum is 0 and the run is over; with w =
 * 0 the first step has the greatest rate, as in the linear schedule of Hugging Face's trainer.
 *
 * @param max rate at the end of the warmup
 * @param min rate after the last step
 * @param warmupSteps w
 * @param totalSteps total
 */
record WarmupLinear(double max, double min, long warmupSteps, long totalSteps)
    implements LearningRateSchedule {

  /** This schedule as settings name it. */
  public static final class Kind implements ScheduleKind {

    /** Makes the kind, which has no state. */
    public Kind() {}

    @Override
    public String id() {
      return "linear";
    }

    @Override
    public LearningRateSchedule create(ScheduleSettings settings, long steps) {
      return new WarmupLinear(
          settings.maxLearningRate(), settings.minLearningRate(), settings.warmup(), steps);
    }
  }

  @Override
  public double at(long step) {
    if (step < warmupSteps) {
      return max * (step + 1) / (warmupSteps + 1);
    }
    if (step >= totalSteps) {
      return min;
    }
    return min + (max - min) * (totalSteps - step) / (totalSteps - warmupSteps);
  }
}
