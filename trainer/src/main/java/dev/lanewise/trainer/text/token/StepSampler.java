package dev.lanewise.trainer.text.token;

/**
 * Draws what steps are taken on, as a pure function of (seed, step): a resumed run needs no state
 * of it. For one thread at a time.
 */
public sealed interface StepSampler permits TextSampler, DocumentSampler {

  /**
   * Draws the tokens of a step.
   *
   * @param step counted from 0
   * @return what the next call overwrites
   */
  StepTokens draw(long step);

  /** Returns the number of windows that hold all of the data once. */
  long windowsPerEpoch();

  /** Returns the rows of these windows. */
  long rowsPerEpoch();
}
