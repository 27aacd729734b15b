package dev.lanewise.trainer.run.checkpoint;

import java.io.IOException;

/** Another trainer works in the run folder. The message says which. */
public final class RunLockedException extends IOException {

  private static final long serialVersionUID = 1L;

  RunLockedException(String message) {
    super(message);
  }
}
