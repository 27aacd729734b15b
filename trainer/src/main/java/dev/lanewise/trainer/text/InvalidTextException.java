package dev.lanewise.trainer.text;

import java.io.IOException;
import java.util.List;

/**
 * Text that cannot be used for training. The message names the file, the byte where it matters, and
 * what to do.
 */
public final class InvalidTextException extends IOException {

  private static final long serialVersionUID = 1L;

  /** More would scroll away. */
  private static final int MOST_SHOWN = 20;

  private final String file;

  InvalidTextException(String file, String problem) {
    this(file, problem, null);
  }

  InvalidTextException(String file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
    this.file = file;
  }

  private InvalidTextException(List<InvalidTextException> problems, String message) {
    super(message, problems.getFirst());
    this.file = problems.getFirst().file;
  }

  /** One exception of many, which says what all of them say. */
  static InvalidTextException all(List<InvalidTextException> problems) {
    if (problems.size() == 1) {
      return problems.getFirst();
    }
    StringBuilder message =
        new StringBuilder(
            "%d files are no text (--skip-bad leaves such files out):".formatted(problems.size()));
    for (InvalidTextException problem :
        problems.subList(0, Math.min(MOST_SHOWN, problems.size()))) {
      message.append("\n  ").append(problem.getMessage());
    }
    if (problems.size() > MOST_SHOWN) {
      message.append("\n  and %d more".formatted(problems.size() - MOST_SHOWN));
    }
    return new InvalidTextException(problems, message.toString());
  }

  /** A text that would have to be held as a whole; the rest of it may have no end. */
  public static InvalidTextException tooLong(String file) {
    return new InvalidTextException(
        file,
        "it has more than %d MiB, and at most that many can be taken at once; give a shorter text"
            .formatted(TextSource.MOST_HELD >> 20));
  }

  /** The file, or what stands for it in messages. */
  String file() {
    return file;
  }
}
