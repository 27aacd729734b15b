package dev.lanewise.trainer.settings;

/**
 * What comes out along the way.
 *
 * @param evaluateEvery steps between evaluations
 * @param evaluateTokens of the validation text that an evaluation predicts; 0 for all of it, {@link
 *     #A_TENTH} for as many as take a tenth of the time
 * @param reportEvery steps between versions of report.html; 0 for one at each evaluation
 * @param checkpointEvery steps between checkpoints
 * @param keep checkpoints that are kept besides the best
 * @param prompt what samples continue
 * @param sampleTokens length of a sample at an evaluation; 0 for none
 */
public record OutputSettings(
    long evaluateEvery,
    long evaluateTokens,
    long reportEvery,
    long checkpointEvery,
    int keep,
    String prompt,
    int sampleTokens) {

  /** As many tokens as take about a tenth of the time between two evaluations. */
  public static final long A_TENTH = -1;

  private static final long FEWEST = 10_000;

  static OutputSettings of(ConfigLayer values) {
    return new OutputSettings(
        values.whole(ConfigKey.EVALUATE_EVERY),
        values.whole(ConfigKey.EVALUATE_TOKENS),
        values.whole(ConfigKey.REPORT_EVERY),
        values.whole(ConfigKey.CHECKPOINT_EVERY),
        values.integer(ConfigKey.KEEP),
        values.text(ConfigKey.PROMPT),
        values.integer(ConfigKey.SAMPLE_TOKENS));
  }

  void check(Problems problems) {
    problems.requireBetween(ConfigKey.EVALUATE_EVERY, evaluateEvery, 1, Integer.MAX_VALUE);
    problems.require(
        evaluateTokens >= A_TENTH && evaluateTokens <= Integer.MAX_VALUE,
        ConfigKey.EVALUATE_TOKENS,
        evaluateTokens,
        "has to be at least 0, or -1 for as many as take a tenth of the time");
    problems.requireBetween(ConfigKey.REPORT_EVERY, reportEvery, 0, Integer.MAX_VALUE);
    problems.requireBetween(ConfigKey.CHECKPOINT_EVERY, checkpointEvery, 1, Integer.MAX_VALUE);
    problems.requireBetween(ConfigKey.KEEP, keep, 1, Integer.MAX_VALUE);
    problems.requireBetween(ConfigKey.SAMPLE_TOKENS, sampleTokens, 0, Problems.MAX_SIZE);
  }

  /**
   * Returns the tokens that an evaluation predicts; 0 for all. Forward alone costs a third of a
   * training step's arithmetic per token.
   *
   * @param tokensPerStep of training
   */
  public long tokensOfAnEvaluation(long tokensPerStep) {
    return evaluateTokens == A_TENTH
        ? Math.max(FEWEST, evaluateEvery * tokensPerStep * 3 / 10)
        : evaluateTokens;
  }
}
