package dev.lanewise.model.io;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** A file that another one names: only what lies beside that is meant, wherever a name leads. */
final class FileBeside {

  private FileBeside() {}

  /**
   * Returns the path of a file that is named.
   *
   * @param file that names it
   * @param field in which it does
   * @throws InvalidFileException if the name is not that of a file beside it
   */
  static Path of(Path file, String field, String name) throws InvalidFileException {
    InvalidFileException elsewhere =
        new InvalidFileException(
            file, field, "%s is not a file beside it".formatted(InvalidFileException.quote(name)));
    Path path;
    try {
      path = file.resolveSibling(name);
    } catch (InvalidPathException e) {
      throw elsewhere;
    }
    // A root has no name.
    Path last = path.getFileName();
    boolean folder = name.isEmpty() || name.equals(".") || name.equals("..") || last == null;
    if (folder || !file.resolveSibling(last).equals(path)) {
      throw elsewhere;
    }
    return path;
  }
}
