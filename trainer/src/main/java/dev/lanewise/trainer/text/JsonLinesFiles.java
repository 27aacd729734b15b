package dev.lanewise.trainer.text;

import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.files.Sha256;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Files with a document of JSON on each line, and folders of them: names that end in {@code .jsonl}
 * or {@code .jsonl.gz}. A folder is walked in the order of its names, without hidden files and
 * Lanewise's own runs. Of the documents a tenth validates, unless there are files for that.
 */
public final class JsonLinesFiles implements TrainingData {

  private static final int BLOCK = 1 << 18;

  private final List<Path> named;
  private final List<Path> files;
  private final List<Path> validation;
  private final boolean skipsBad;

  private JsonLinesFiles(
      List<Path> named, List<Path> files, List<Path> validation, boolean skipsBad) {
    this.named = List.copyOf(named);
    this.files = List.copyOf(files);
    this.validation = List.copyOf(validation);
    this.skipsBad = skipsBad;
  }

  /**
   * Finds the files.
   *
   * @throws InvalidTextException when a path is not there, or no file is found
   */
  public static JsonLinesFiles of(List<Path> paths) throws IOException {
    return new JsonLinesFiles(paths, find(paths), List.of(), false);
  }

  /** Returns these with files to validate on, all of whose documents do. */
  public JsonLinesFiles validatingOn(List<Path> others) throws IOException {
    return new JsonLinesFiles(named, files, others.isEmpty() ? others : find(others), skipsBad);
  }

  /** Returns these without documents that are no good, which are counted. */
  public JsonLinesFiles skippingBad() {
    return new JsonLinesFiles(named, files, validation, true);
  }

  /**
   * Whether paths are JSON Lines by their names: all files are, and a folder has no other file.
   *
   * @throws InvalidTextException when some are and some are not
   */
  public static boolean areNamed(List<Path> paths) throws IOException {
    Path other = null;
    Path ours = null;
    for (Path path : paths) {
      if (isNamed(path)) {
        ours = path;
      } else {
        other = path;
      }
    }
    if (ours != null && other != null) {
      throw new InvalidTextException(
          ours.toString(),
          "this is JSON Lines, and " + other + " is text; train on one kind or the other");
    }
    return ours != null;
  }

  private static boolean isNamed(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return hasName(path);
    }
    List<Path> all;
    try {
      all = walk(path);
    } catch (InvalidTextException unreadable) {
      // Who takes it for text says what is wrong with it, or leaves it out.
      return false;
    }
    return !all.isEmpty() && all.stream().allMatch(JsonLinesFiles::hasName);
  }

  private static boolean hasName(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.endsWith(".jsonl") || name.endsWith(".jsonl.gz");
  }

  private static List<Path> find(List<Path> paths) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path path : paths) {
      if (!Files.exists(path)) {
        throw new InvalidTextException(path.toString(), "no such file or folder");
      }
      if (Files.isRegularFile(path)) {
        found.add(path);
      } else if (!Files.isDirectory(path)) {
        // Opening a pipe that nobody writes to would wait for ever.
        throw new InvalidTextException(path.toString(), "neither a regular file nor a folder");
      } else if (RunMarks.areIn(path)) {
        throw new InvalidTextException(
            path.toString(), "this is the folder of a run; name the documents' own files");
      } else {
        found.addAll(walk(path).stream().filter(JsonLinesFiles::hasName).toList());
      }
    }
    if (found.isEmpty()) {
      throw new InvalidTextException(
          joined(paths), "there is no file whose name ends in .jsonl or .jsonl.gz");
    }
    return found;
  }

  private static List<Path> walk(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    List<Path> entries;
    try (Stream<Path> listed = Files.list(folder)) {
      entries =
          listed
              .filter(entry -> !entry.getFileName().toString().startsWith("."))
              .sorted(TextFiles.BY_BYTES_OF_NAME)
              .toList();
    } catch (UncheckedIOException e) {
      throw TextFiles.unreadableFolder(folder, e.getCause());
    } catch (IOException e) {
      throw TextFiles.unreadableFolder(folder, e);
    }
    for (Path entry : entries) {
      if (Files.isRegularFile(entry)) {
        found.add(entry);
      } else if (Files.isDirectory(entry)
          && !Files.isSymbolicLink(entry)
          && !RunMarks.areIn(entry)) {
        found.addAll(walk(entry));
      }
    }
    return found;
  }

  @Override
  public Optional<List<Path>> named() {
    return Optional.of(named);
  }

  /** Returns the files to train on, in order. */
  public List<Path> files() {
    return files;
  }

  /** Returns the files to validate on; none if a tenth of the documents does. */
  public List<Path> validation() {
    return validation;
  }

  /** Returns whether documents that are no good are left out and counted. */
  public boolean skipsBad() {
    return skipsBad;
  }

  @Override
  public String description() {
    return joined(named)
        + (validation.isEmpty() ? "" : ", with " + joined(validation) + " to validate");
  }

  private static String joined(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  /** Returns the bytes of all files, as they lie there. */
  long bytes() throws IOException {
    long bytes = 0;
    for (Path file : all()) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  private List<Path> all() {
    return Stream.concat(files.stream(), validation.stream()).toList();
  }

  /** Of the files as they lie there, and of which validate. */
  @Override
  public String fingerprint(Progress progress) throws IOException {
    MessageDigest digest = Sha256.digest();
    Tally tally = progress.begin(Phase.READING, bytes());
    byte[] block = new byte[BLOCK];
    for (Path file : all()) {
      MessageDigest ofFile = Sha256.digest();
      try (InputStream in = RegularFile.open(file)) {
        for (int read = in.read(block); read >= 0; read = in.read(block)) {
          ofFile.update(block, 0, read);
          tally.accept(read);
        }
      }
      digest.update(ofFile.digest());
    }
    tally.end();
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(files.size()).flip());
    return HexFormat.of().formatHex(digest.digest());
  }
}
