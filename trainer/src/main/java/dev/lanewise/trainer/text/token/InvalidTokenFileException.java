package dev.lanewise.trainer.text.token;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A token file that cannot be used. The message names the file, the field, and what is wrong with
 * it.
 */
public final class InvalidTokenFileException extends IOException {

  private static final long serialVersionUID = 1L;

  public InvalidTokenFileException(Path file, String field, String problem) {
    super(file + ": " + field + ": " + problem);
  }
}
