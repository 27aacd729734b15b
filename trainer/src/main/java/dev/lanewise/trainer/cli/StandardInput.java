package dev.lanewise.trainer.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The standard input in the place of a file, written {@code -}. */
final class StandardInput {

  private static final Path NAME = Path.of("-");

  private StandardInput() {}

  static boolean isNamed(List<Path> paths) {
    return paths.contains(NAME);
  }

  static boolean isNamed(Path path) {
    return NAME.equals(path);
  }

  /**
   * Saves the input, because text is read more than once.
   *
   * @param file must not be there yet; its folder is created
   * @return the paths with the file in the place of the input
   */
  static List<Path> saved(List<Path> paths, InputStream in, Path file) throws IOException {
    if (!isNamed(paths)) {
      return paths;
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.copy(in, file);
    List<Path> named = new ArrayList<>();
    for (Path path : paths) {
      Path used = isNamed(path) ? file : path;
      if (!named.contains(used)) {
        named.add(used);
      }
    }
    return List.copyOf(named);
  }
}
