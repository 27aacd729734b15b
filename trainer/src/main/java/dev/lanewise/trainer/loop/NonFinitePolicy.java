package dev.lanewise.trainer.loop;

/** What a run does when a loss or gradient is not finite. The weights are never touched. */
public enum NonFinitePolicy {
  /** End the run with an error; the last checkpoint stays. */
  STOP,
  /** Go on with the next step, unless too many in a row were skipped. */
  SKIP
}
