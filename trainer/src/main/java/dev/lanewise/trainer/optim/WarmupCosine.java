package dev.lanewise.trainer.optim;

import dev.lanewise.trainer.settings.ScheduleSettings;

/**
 * Linear warmup from 0, then a half cosine down (Loshchilov and Hutter, 2017): max · t/w for t
 * below w, then min + ½ (max - min) (1 + cos(π (t - w) / (total - w))). Step 0 of a warmup has rate
 * 0, as the formula says. From {@code totalSteps} on the rate stays at the minimum.
 *
 * @param max rate at the end of the warmup
 * @param min rate at the end
 * @param warmupSteps w
 * @param totalSteps total
 */
record WarmupCosine(double max, double min, long warmupSteps, long totalSteps)
    implements LearningRateSchedule {

  /** This schedule as settings name it. */
  public static final class Kind implements ScheduleKind {

    /** Makes the kind, which has no state. */
    public Kind() {}

    @Override
    public String id() {
      return "cosine";
    }

    @Override
    public LearningRateSchedule create(ScheduleSettings settings, long steps) {
      return new WarmupCosine(
          settings.maxLearningRate(), settings.minLearningRate(), settings.warmup(), steps);
    }
  }

  @Override
  public double at(long step) {
    if (step < warmupSteps) {
      return max * step / warmupSteps;
    }
    if (step >= totalSteps) {
      return min;
    }
    double progress = (double) (step - warmupSteps) / (totalSteps - warmupSteps);
    // StrictMath, because Math.cos may differ between machines in its last bit.
    return min + 0.5 * (max - min) * (1 + StrictMath.cos(Math.PI * progress));
  }
}
