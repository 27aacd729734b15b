package dev.lanewise.trainer.text;

import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.FileProblem;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Text files and folders that a user names; each file is a document. A folder is walked in the
 * order of its names (of their bytes in UTF-8), with its subfolders; links are followed, and what
 * is reached twice is read once. A file is binary that begins as a known kind does (PDF, PNG, ZIP,
 * ...), or has a NUL byte near its beginning: an error when it is named, left out and counted in a
 * folder. Hidden files and folders (a name that begins with a dot), links that lead nowhere and the
 * folders of Lanewise's own runs are left out of folders too. All other files have to be UTF-8.
 */
public final class TextFiles implements TextSource {

  private static final LateLogger LOG = new LateLogger(TextFiles.class);

  /** The order of a folder, whatever the locale. */
  static final Comparator<Path> BY_BYTES_OF_NAME =
      Comparator.comparing(TextFiles::nameOnDisk, Arrays::compareUnsigned);

  private final List<Path> named;
  private final List<Path> files = new ArrayList<>();
  private final Set<Path> seen = new HashSet<>();
  private final List<Path> runFolders = new ArrayList<>();
  private final List<Path> brokenLinks = new ArrayList<>();
  private final List<InvalidTextException> bad = new ArrayList<>();
  private final List<Path> namedAgain = new ArrayList<>();
  private int skippedBinaryFiles;
  private int specialFiles;

  private TextFiles(List<Path> named) {
    this.named = List.copyOf(named);
  }

  /**
   * Finds the files; later changes in the folders are not seen.
   *
   * @throws InvalidTextException when paths are not there or not readable, a named file is binary,
   *     a named folder is that of a run, or no text file is found; it names all that is wrong
   */
  public static TextFiles of(List<Path> paths) throws IOException {
    TextFiles found = find(paths);
    if (!found.bad.isEmpty()) {
      throw InvalidTextException.all(found.bad);
    }
    return found.requireSome();
  }

  /**
   * As {@link #of}, but leaves out what is wrong, files that are not UTF-8 too, for which all of
   * them are read once: {@link #bad} says what was.
   *
   * @param progress of that reading
   */
  public static TextFiles ofUsable(List<Path> paths, Progress progress) throws IOException {
    TextFiles found = find(paths);
    Tally tally = progress.begin(Phase.CHECKING, found.expectedBytes());
    List<InvalidTextException> notText = found.notText(0, tally);
    tally.end();
    found.bad.addAll(notText);
    Set<String> names =
        notText.stream().map(InvalidTextException::file).collect(Collectors.toSet());
    found.files.removeIf(file -> names.contains(file.toString()));
    for (InvalidTextException problem : found.bad) {
      LOG.info("left out: {}", problem.getMessage());
    }
    return found.requireSome();
  }

  private static TextFiles find(List<Path> paths) throws IOException {
    TextFiles found = new TextFiles(paths);
    for (Path path : paths) {
      found.addNamed(path);
    }
    return found;
  }

  private TextFiles requireSome() throws InvalidTextException {
    if (files.isEmpty()) {
      throw new InvalidTextException(
          description(),
          "no text file found (left out: %s, %s and %s that cannot be read as text)"
              .formatted(
                  Counted.of(skippedBinaryFiles, "binary file"),
                  Counted.of(runFolders.size(), "folder of a run", "folders of runs"),
                  Counted.of(bad.size(), "file")));
    }
    return this;
  }

  private void addNamed(Path path) throws IOException {
    if (!Files.exists(path)) {
      bad.add(new InvalidTextException(path.toString(), "no such file or folder"));
    } else if (Files.isDirectory(path)) {
      if (RunMarks.areIn(path)) {
        bad.add(
            new InvalidTextException(
                path.toString(),
                "this is the folder of a run, which holds no text to train on; name the text's own"
                    + " files or folders"));
      } else {
        walk(path);
      }
    } else if (!Files.isRegularFile(path)) {
      bad.add(new InvalidTextException(path.toString(), "neither a regular file nor a folder"));
    } else if (seen.add(path.toRealPath())) {
      String kind = kind(path);
      if (kind != null) {
        bad.add(
            new InvalidTextException(
                path.toString(),
                "a binary file (%s); text has to be UTF-8, so convert it first".formatted(kind)));
      }
    } else {
      namedAgain.add(path);
    }
  }

  /** Adds a file that may be text; returns what else it is, or null. */
  private String kind(Path file) {
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(FileKind.PROBE_BYTES);
    } catch (IOException e) {
      bad.add(unreadable(file, e));
      return null;
    }
    String kind = FileKind.ofBinary(head);
    if (kind == null) {
      files.add(file);
    }
    return kind;
  }

  private static InvalidTextException unreadable(Path file, IOException problem) {
    return new InvalidTextException(
        file.toString(), "the file cannot be read: " + FileProblem.reason(problem), problem);
  }

  /** Returns the links in folders that lead to nothing; what they stood for is missing. */
  public List<Path> brokenLinks() {
    return List.copyOf(brokenLinks);
  }

  /** Returns the files named that were read already, by another name or as part of a folder. */
  public List<Path> namedAgain() {
    return List.copyOf(namedAgain);
  }

  /** Returns how many entries of folders are neither files nor folders, such as pipes. */
  public int specialFiles() {
    return specialFiles;
  }

  private void walk(Path folder) throws IOException {
    if (!seen.add(folder.toRealPath())) {
      return;
    }
    for (Path entry : entries(folder)) {
      if (Files.isDirectory(entry)) {
        if (RunMarks.areIn(entry)) {
          runFolders.add(entry);
          LOG.info("left out: {} (the folder of a run)", entry);
        } else {
          walk(entry);
        }
      } else if (Files.isRegularFile(entry) && seen.add(entry.toRealPath())) {
        String kind = kind(entry);
        if (kind != null) {
          skippedBinaryFiles++;
          LOG.info("left out: {} ({})", entry, kind);
        }
      } else if (!Files.exists(entry)) {
        brokenLinks.add(entry);
        LOG.info("left out: {} (a link to nothing)", entry);
      } else if (!Files.isRegularFile(entry)) {
        specialFiles++;
        LOG.info("left out: {} (not a regular file)", entry);
      }
    }
  }

  /** The bytes of a name. In a locale that cannot decode them, the URI still has them. */
  private static byte[] nameOnDisk(Path path) {
    String name = path.getFileName().toString();
    if (name.indexOf('\ufffd') < 0) {
      return name.getBytes(StandardCharsets.UTF_8);
    }
    String whole = path.toUri().getRawPath();
    int end = whole.endsWith("/") ? whole.length() - 1 : whole.length();
    String escaped = whole.substring(whole.lastIndexOf('/', end - 1) + 1, end);
    return URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.ISO_8859_1)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private List<Path> entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> !entry.getFileName().toString().startsWith("."))
          .sorted(BY_BYTES_OF_NAME)
          .toList();
    } catch (UncheckedIOException e) {
      bad.add(unreadableFolder(folder, e.getCause()));
    } catch (IOException e) {
      bad.add(unreadableFolder(folder, e));
    }
    return List.of();
  }

  static InvalidTextException unreadableFolder(Path folder, IOException problem) {
    return new InvalidTextException(
        folder.toString(), "the folder cannot be read: " + FileProblem.reason(problem), problem);
  }

  /** How many binary files in folders were left out. */
  public int skippedBinaryFiles() {
    return skippedBinaryFiles;
  }

  /** The folders of runs that were left out of the folders around them. */
  public List<Path> runFolders() {
    return List.copyOf(runFolders);
  }

  /** What {@link #ofUsable} left out because something is wrong with it. */
  public List<InvalidTextException> bad() {
    return List.copyOf(bad);
  }

  @Override
  public Optional<List<Path>> named() {
    return Optional.of(named);
  }

  @Override
  public String description() {
    return named.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  @Override
  public long expectedBytes() {
    long bytes = 0;
    for (Path file : files) {
      try {
        bytes += Files.size(file);
      } catch (IOException e) {
        LOG.debug("{} is not counted", file, e);
      }
    }
    return bytes;
  }

  @Override
  public void copyTo(TextSink sink) throws IOException {
    copyDocuments(new TextJoiner(sink));
  }

  @Override
  public void copyDocuments(DocumentSink sink) throws IOException {
    for (int i = 0; i < files.size(); i++) {
      try {
        copy(files.get(i), sink);
      } catch (InvalidTextException e) {
        List<InvalidTextException> all = new ArrayList<>(List.of(e));
        all.addAll(notText(i + 1, bytes -> {}));
        throw InvalidTextException.all(all);
      }
    }
  }

  private static void copy(Path file, DocumentSink sink) throws IOException {
    InputStream opened;
    try {
      opened = Files.newInputStream(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    try (InputStream in = RegularFile.reading(file.toString(), opened)) {
      TextCleaner.copyDocument(file.toString(), in, sink);
    }
  }

  /** What is wrong with the files from one on. */
  private List<InvalidTextException> notText(int first, LongConsumer read) throws IOException {
    List<InvalidTextException> problems = new ArrayList<>();
    DocumentSink nowhere = new TextJoiner((utf8, offset, length) -> read.accept(length));
    for (Path file : files.subList(first, files.size())) {
      try {
        copy(file, nowhere);
      } catch (InvalidTextException e) {
        problems.add(e);
      }
    }
    return problems;
  }
}
