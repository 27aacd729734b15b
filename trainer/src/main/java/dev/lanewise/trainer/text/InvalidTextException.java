package dev.lanewise.trainer.text;

import java.io.IOException;

/**
 * Text that cannot be used for training. The message names the file, the byte where it matters, and
 * what to do.
 */
public final class InvalidTextException extends IOException {

  private static final long serialVersionUID = 1L;

  InvalidTextException(String file, String problem) {
    super(file + ": " + problem);
  }

  InvalidTextException(String file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
