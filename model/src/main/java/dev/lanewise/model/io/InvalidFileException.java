package dev.lanewise.model.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * A file that cannot be used. The message names the file, the field in it, and what is wrong with
 * that; what it quotes from the file is cut short and without control characters.
 */
public final class InvalidFileException extends IOException {

  private static final long serialVersionUID = 1L;

  private static final int LONGEST_QUOTE = 200;
  private static final int LONGEST_LINE = 1000;

  private final String file;
  private final String field;
  private final String problem;

  /**
   * Describes a problem.
   *
   * @param field the field of the file, empty if the file as a whole is meant
   */
  public InvalidFileException(Path file, String field, String problem) {
    this(file, field, problem, null);
  }

  /** Describes a problem that was found by another exception. */
  public InvalidFileException(Path file, String field, String problem, Throwable cause) {
    super(file + (field.isEmpty() ? "" : ": " + quote(field)) + ": " + shown(problem), cause);
    this.file = file.toString();
    this.field = quote(field);
    this.problem = shown(problem);
  }

  /** A problem may quote names from the file as they are. */
  private static String shown(String problem) {
    return problem
        .lines()
        .map(line -> line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + "...")
        .map(line -> line.replaceAll("\\p{Cntrl}", "?"))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** Makes text of a file fit to be shown. */
  public static String quote(String text) {
    String cut = text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
    return cut.replaceAll("\\p{Cntrl}", "?");
  }

  /** Returns the path of the file. */
  public String file() {
    return file;
  }

  /** Returns what is wrong, without the file and the field. */
  public String problem() {
    return problem;
  }

  /** Returns the field inside the file, empty if the file as a whole is meant. */
  public String field() {
    return field;
  }
}
