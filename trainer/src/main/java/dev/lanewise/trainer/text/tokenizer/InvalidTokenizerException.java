package dev.lanewise.trainer.text.tokenizer;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A tokenizer file that cannot be used. The message names the file, the field in it, and what is
 * wrong.
 */
public final class InvalidTokenizerException extends IOException {

  private static final long serialVersionUID = 1L;

  private final String file;
  private final String field;

  public InvalidTokenizerException(Path file, String field, String problem) {
    this(file, field, problem, null);
  }

  public InvalidTokenizerException(Path file, String field, String problem, Throwable cause) {
    super(file + (field.isEmpty() ? "" : ": " + field) + ": " + problem, cause);
    this.file = file.toString();
    this.field = field;
  }

  /** The path of the file. */
  public String file() {
    return file;
  }

  /** The field inside the file, empty when the file as a whole is meant. */
  public String field() {
    return field;
  }
}
