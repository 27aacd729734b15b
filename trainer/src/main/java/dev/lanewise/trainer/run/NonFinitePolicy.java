package dev.lanewise.trainer.run;

/** What a run does when a loss or gradient is not finite. Such a step leaves the weights alone. */
public enum NonFinitePolicy {
  /** End the run with an error; the last checkpoint stays. */
  STOP,
  /**
   * Go on with the next step, unless too many in a row were skipped, or none is left. Nothing is
   * saved until a loss is finite again.
   */
  SKIP
}
