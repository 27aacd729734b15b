package dev.lanewise.trainer.optim;

import dev.lanewise.trainer.settings.ScheduleSettings;

/**
 * The straight line and the cosine without a step that goes for nothing: the first step has rate
 * max / (w+1) and not 0, the step after the warmup has the greatest rate, and the last step has the
 * least, which the other forms come to when the run is over.
 *
 * @param max rate at the end of the warmup
 * @param warmupSteps w
 * @param decline the rates from step w on
 */
record ToTheLeast(double max, long warmupSteps, LearningRateSchedule decline)
    implements LearningRateSchedule {

  /**
   * {@link WarmupLinear} of one step less: min + (max - min) (last - t) / (last - w), with the last
   * step's number.
   */
  public static final class Linear implements ScheduleKind {

    /** Makes the kind, which has no state. */
    public Linear() {}

    @Override
    public String id() {
      return "linear-to-min";
    }

    @Override
    public LearningRateSchedule create(ScheduleSettings settings, long steps) {
      return new ToTheLeast(
          settings.maxLearningRate(),
          settings.warmup(),
          new WarmupLinear(
              settings.maxLearningRate(),
              settings.minLearningRate(),
              settings.warmup(),
              steps - 1));
    }
  }

  /** {@link WarmupCosine} of one step less. */
  public static final class Cosine implements ScheduleKind {

    /** Makes the kind, which has no state. */
    public Cosine() {}

    @Override
    public String id() {
      return "cosine-to-min";
    }

    @Override
    public LearningRateSchedule create(ScheduleSettings settings, long steps) {
      return new ToTheLeast(
          settings.maxLearningRate(),
          settings.warmup(),
          new WarmupCosine(
              settings.maxLearningRate(),
              settings.minLearningRate(),
              settings.warmup(),
              steps - 1));
    }
  }

  @Override
  public double at(long step) {
    return step < warmupSteps ? max * (step + 1) / (warmupSteps + 1) : decline.at(step);
  }
}
