package dev.lanewise.trainer.run.checkpoint;

import java.io.IOException;

/**
 * A checkpoint could not be written. Those written before it are untouched. The message names the
 * path and what to do.
 */
public final class CheckpointWriteException extends IOException {

  private static final long serialVersionUID = 1L;

  private final long step;

  CheckpointWriteException(long step, String message, Throwable cause) {
    super(message, cause);
    this.step = step;
  }

  /** Returns the step whose checkpoint is missing. */
  public long step() {
    return step;
  }
}
