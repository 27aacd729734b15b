package dev.lanewise.trainer.run;

/** What a run does when a checkpoint cannot be written. Those before it stay as they are. */
public enum CheckpointFailurePolicy {
  /** End the run with the error. */
  STOP,
  /**
   * Warn and go on, because the next checkpoint may succeed: what was trained is still in memory.
   * The run ends with the error if its last checkpoint failed.
   */
  CONTINUE
}
