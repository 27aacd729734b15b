package dev.lanewise.trainer.profile;

import java.io.IOException;
import java.nio.file.Path;

/** A file is no recording of training, or is damaged. The message names it and says what to do. */
public final class InvalidRecordingException extends IOException {

  private static final long serialVersionUID = 1L;

  InvalidRecordingException(Path file, String problem) {
    super(file + ": " + problem);
  }

  InvalidRecordingException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
