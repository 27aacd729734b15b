package dev.lanewise.trainer.settings;

/**
 * The learning rate over the run.
 *
 * @param kind the name of the schedule, which the registry of schedules knows
 * @param maxLearningRate reached at the end of the warmup
 * @param minLearningRate reached at the end of the run
 * @param warmup steps of linear warmup
 * @param decayShare share of the steps in which a plateau is left
 */
public record ScheduleSettings(
    String kind, double maxLearningRate, double minLearningRate, long warmup, double decayShare) {

  static ScheduleSettings of(ConfigLayer values) {
    return new ScheduleSettings(
        values.text(ConfigKey.SCHEDULE),
        values.number(ConfigKey.LR),
        values.number(ConfigKey.MIN_LR),
        values.whole(ConfigKey.WARMUP),
        values.number(ConfigKey.DECAY_SHARE));
  }

  /**
   * @param steps of the run
   * @param decided by which option, as it was given
   */
  void check(long steps, String decided, Problems problems) {
    boolean isWarmup = problems.requireBetween(ConfigKey.WARMUP, warmup, 0, Integer.MAX_VALUE);
    if (isWarmup && steps >= 1 && steps <= Integer.MAX_VALUE) {
      problems.require(
          warmup < steps,
          ConfigKey.WARMUP,
          warmup,
          "has to be less than %s; take --warmup %d, or more steps".formatted(decided, steps / 10));
    }
    problems.requireShare(ConfigKey.DECAY_SHARE, decayShare, ", for example 0.2");
    if (problems.requireFactor(ConfigKey.LR, maxLearningRate, "3e-4")
        && problems.requireFactorOrZero(
            ConfigKey.MIN_LR, minLearningRate, "lets it fall to nothing")) {
      problems.require(
          minLearningRate <= maxLearningRate,
          ConfigKey.MIN_LR,
          minLearningRate,
          "has to be at most --lr " + ConfigType.format(maxLearningRate));
    }
  }
}
