package dev.lanewise.trainer.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Text files and folders that a user names. A folder is walked in the order of its names, with its
 * subfolders; links are followed, and what is reached twice is read once. A file with a NUL byte
 * among its first {@value #PROBE_BYTES} bytes is binary: an error when it is named, left out and
 * counted in a folder. Hidden files and folders (a name that begins with a dot) and links that lead
 * nowhere are left out of folders too. All other files have to be UTF-8.
 */
public final class TextFiles implements TextSource {

  private static final int PROBE_BYTES = 1 << 13;

  private final List<Path> named;
  private final List<Path> files = new ArrayList<>();
  private final Set<Path> seen = new HashSet<>();
  private int skippedBinaryFiles;

  private TextFiles(List<Path> named) {
    this.named = List.copyOf(named);
  }

  /**
   * Finds the files; later changes in the folders are not seen.
   *
   * @throws InvalidTextException when a path is not there or not readable, a named file is binary,
   *     or no text file is found
   */
  public static TextFiles of(List<Path> paths) throws IOException {
    TextFiles found = new TextFiles(paths);
    for (Path path : paths) {
      found.addNamed(path);
    }
    if (found.files.isEmpty()) {
      throw new InvalidTextException(
          found.description(),
          "no text file found (%d binary files were left out)".formatted(found.skippedBinaryFiles));
    }
    return found;
  }

  private void addNamed(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new InvalidTextException(path.toString(), "no such file or folder");
    }
    if (Files.isDirectory(path)) {
      walk(path);
    } else if (!Files.isRegularFile(path)) {
      throw new InvalidTextException(path.toString(), "neither a regular file nor a folder");
    } else if (isBinary(path)) {
      throw new InvalidTextException(
          path.toString(),
          "a binary file (it has a NUL byte near its beginning);"
              + " if it is text in UTF-16, convert it to UTF-8");
    } else if (seen.add(path.toRealPath())) {
      files.add(path);
    }
  }

  private void walk(Path folder) throws IOException {
    if (!seen.add(folder.toRealPath())) {
      return;
    }
    for (Path entry : entries(folder)) {
      if (Files.isDirectory(entry)) {
        walk(entry);
      } else if (Files.isRegularFile(entry) && seen.add(entry.toRealPath())) {
        if (isBinary(entry)) {
          skippedBinaryFiles++;
        } else {
          files.add(entry);
        }
      }
    }
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> !entry.getFileName().toString().startsWith("."))
          .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()))
          .toList();
    } catch (UncheckedIOException | IOException e) {
      throw new InvalidTextException(
          folder.toString(), "the folder cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean isBinary(Path file) throws IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(PROBE_BYTES);
    } catch (IOException e) {
      throw new InvalidTextException(
          file.toString(), "the file cannot be read: " + e.getMessage(), e);
    }
    for (byte b : head) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }

  /** How many binary files in folders were left out. */
  public int skippedBinaryFiles() {
    return skippedBinaryFiles;
  }

  @Override
  public String description() {
    return named.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  @Override
  public void copyTo(TextSink sink) throws IOException {
    TextJoiner joiner = new TextJoiner(sink);
    for (Path file : files) {
      try (InputStream in = Files.newInputStream(file)) {
        joiner.add(file.toString(), in);
      }
    }
  }
}
