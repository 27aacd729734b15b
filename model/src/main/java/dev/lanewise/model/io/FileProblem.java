package dev.lanewise.model.io;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Objects;

/** Puts into words what a file system said: the message of its exceptions may be only a path. */
public final class FileProblem {

  private FileProblem() {}

  /** Says what is wrong, and with which file. */
  public static String explain(IOException problem) {
    return problem instanceof FileSystemException failure
        ? failure.getFile() + ": " + reason(failure)
        : Objects.requireNonNullElse(problem.getMessage(), problem.toString());
  }

  /** Says why a name cannot be that of a file, the name included. */
  public static String explain(InvalidPathException problem) {
    return explain(
        problem,
        System.getProperty("sun.jnu.encoding", ""),
        System.getProperty("os.name").startsWith("Windows"));
  }

  /**
   * As {@link #explain(InvalidPathException)}, of another machine.
   *
   * @param encoding in which its JVM has names of files; empty if it does not say
   * @param windows whether names are in Unicode, whatever the encoding
   */
  static String explain(InvalidPathException problem, String encoding, boolean windows) {
    String name = InvalidFileException.quote(problem.getInput());
    // What is not known counts as UTF-8, which has all letters.
    Charset charset = Charset.forName(encoding, StandardCharsets.UTF_8);
    boolean encodable = windows || charset.newEncoder().canEncode(problem.getInput());
    return encodable
        ? "\"%s\" cannot be the name of a file here: %s".formatted(name, problem.getReason())
        : "\"%s\" has letters that the locale (%s) does not have, so no such file can be opened; set LC_ALL=C.UTF-8, or start ./lanewise, which does"
            .formatted(name, encoding);
  }

  /** Says what is wrong, where the file has just been named. */
  public static String reason(IOException problem) {
    return switch (problem) {
      case NoSuchFileException e -> "no such file or folder";
      case AccessDeniedException e -> "permission denied";
      case NotDirectoryException e -> "not a folder";
      case FileSystemException e -> Objects.requireNonNullElse(e.getReason(), "cannot be used");
      default -> explain(problem);
    };
  }
}
