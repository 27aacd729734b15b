package dev.lanewise.model.io;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * What has to be asked before a file from elsewhere is opened: opening a pipe waits for a writer, a
 * device may have no end, and a folder gives an error that does not name it.
 */
public final class RegularFile {

  private RegularFile() {}

  /**
   * Requires that what is at a path, if anything is, can be read from beginning to end.
   *
   * @param problem makes the exception that the reader of the file throws, of what is wrong
   * @throws E if it is a folder, a pipe or a device
   */
  public static <E extends Exception> void require(Path file, Function<String, E> problem)
      throws E {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw problem.apply("not a regular file");
    }
  }
}
