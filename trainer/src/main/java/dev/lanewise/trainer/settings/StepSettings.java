package dev.lanewise.trainer.settings;

import dev.lanewise.trainer.progress.Progress;

/**
 * What a step takes, and how many there are.
 *
 * @param batch sequences per micro-batch
 * @param accumulation micro-batches per optimizer step
 * @param shards parts that a batch is cut into; 0 for the default of its size
 * @param epochs times through the text; 0 to go by steps
 * @param minutes of wall time, which then decide on the way how many steps there are; 0 to go by
 *     steps
 * @param steps optimizer steps of the run, unless epochs or minutes decide, see {@link #on}
 * @param seed of weights, batches, dropout and samples
 */
public record StepSettings(
    int batch, int accumulation, int shards, double epochs, double minutes, long steps, long seed) {

  static StepSettings of(ConfigLayer values) {
    return new StepSettings(
        values.integer(ConfigKey.BATCH),
        values.integer(ConfigKey.ACCUMULATION),
        values.integer(ConfigKey.SHARDS),
        values.number(ConfigKey.EPOCHS),
        values.number(ConfigKey.MINUTES),
        values.whole(ConfigKey.STEPS),
        values.whole(ConfigKey.SEED));
  }

  /**
   * @param context of the model
   */
  void check(int context, Problems problems) {
    boolean countable = problems.requireBetween(ConfigKey.BATCH, batch, 1, Problems.MAX_SIZE);
    if (problems.requireBetween(ConfigKey.ACCUMULATION, accumulation, 1, Problems.MAX_SIZE)) {
      requireCountableStep(context, problems);
    }
    if (problems.requireBetween(ConfigKey.SHARDS, shards, 0, Problems.MAX_SIZE) && countable) {
      problems.require(
          shards <= batch,
          ConfigKey.SHARDS,
          shards,
          "is more than the %d sequences of a batch; take at most that many, or 0 for the default"
              .formatted(batch));
    }
    problems.requireFactorOrZero(ConfigKey.EPOCHS, epochs, "goes by --steps");
    problems.requireFactorOrZero(ConfigKey.MINUTES, minutes, "goes by --steps");
    problems.require(
        epochs == 0 || minutes == 0,
        ConfigKey.MINUTES,
        minutes,
        "and --epochs both say how long the run is; give one of them");
    problems.requireBetween(ConfigKey.STEPS, steps, 1, Integer.MAX_VALUE);
  }

  private void requireCountableStep(int context, Problems problems) {
    double targets = (double) batch * accumulation * (context + 1.0);
    problems.require(
        targets <= Integer.MAX_VALUE,
        ConfigKey.ACCUMULATION,
        accumulation,
        "is too much with --batch %d and --context %d: a step would have more than 2^31 tokens"
            .formatted(batch, context));
  }

  /** Returns these settings with the steps of others. */
  StepSettings withStepsOf(StepSettings other) {
    return new StepSettings(
        batch, accumulation, shards, other.epochs, other.minutes, other.steps, seed);
  }

  /**
   * Returns these settings with the steps that the epochs come to: so many that each window is
   * drawn at least that often.
   *
   * @param windows of the text for training
   */
  StepSettings on(long windows) {
    double needed = Math.ceil(epochs * windows / ((double) batch * accumulation));
    long most = (long) Math.min(Integer.MAX_VALUE, Math.max(1, needed));
    return new StepSettings(batch, accumulation, shards, epochs, 0, most, seed);
  }

  /** Returns these settings with the steps that minutes have come to. */
  StepSettings ending(long decided) {
    return new StepSettings(batch, accumulation, shards, 0, 0, decided, seed);
  }

  /** Returns whether it has yet to be decided how many steps there are. */
  public boolean isOpen() {
    return minutes > 0;
  }

  /** Returns the step at which the run ends, as far as that is known: at the latest. */
  public long limit() {
    return isOpen() ? Integer.MAX_VALUE : steps;
  }

  /** Returns how many steps there are, or {@link Progress#UNKNOWN}. */
  public long knownSteps() {
    return isOpen() ? Progress.UNKNOWN : steps;
  }
}
