package dev.lanewise.trainer.settings;

import java.util.List;

/** Settings that cannot be used. The message names the file or option, and what to do. */
public final class InvalidConfigException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  InvalidConfigException(String message) {
    super(message);
  }

  InvalidConfigException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * All that is wrong with a call, so that a user need not find out piece by piece.
   *
   * @param problems a line each; at least one
   */
  public InvalidConfigException(List<String> problems) {
    super(
        problems.size() == 1
            ? problems.get(0)
            : problems.size() + " settings cannot be used:\n  " + String.join("\n  ", problems));
  }
}
