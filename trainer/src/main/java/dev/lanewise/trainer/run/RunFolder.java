package dev.lanewise.trainer.run;

import dev.lanewise.model.io.FileProblem;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.model.io.StrictJson;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.run.checkpoint.CheckpointCatalog;
import dev.lanewise.trainer.run.checkpoint.RunLock;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The folder of a run: the names of its files, and where runs are when nobody says where. */
public record RunFolder(Path path) {

  private static final Path RUNS = Path.of("runs");
  private static final String DATA = "data";
  private static final int MAX_TEXT_BYTES = 1 << 24;

  /**
   * Creates a folder named after a preset and the time, below {@code runs}. No other start gets the
   * same one.
   */
  public static RunFolder fresh(String name, LocalDateTime now) throws IOException {
    return fresh(RUNS, name, now);
  }

  static RunFolder fresh(Path runs, String name, LocalDateTime now) throws IOException {
    DurableFiles.createFolders(runs);
    String time = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).format(now);
    Path path = runs.resolve(name + "-" + time);
    for (int i = 2; true; i++) {
      try {
        return new RunFolder(Files.createDirectory(path));
      } catch (FileAlreadyExistsException e) {
        path = runs.resolve(name + "-" + time + "-" + i);
      }
    }
  }

  /**
   * The run below {@code runs} that was trained last; one that never took a step does not count.
   */
  public static Optional<RunFolder> newest() throws IOException {
    return newest(RUNS);
  }

  static Optional<RunFolder> newest(Path runs) throws IOException {
    if (!Files.isDirectory(runs)) {
      return Optional.empty();
    }
    List<RunFolder> stepped = new ArrayList<>();
    try (Stream<Path> entries = Files.list(runs)) {
      for (Path entry : entries.toList()) {
        RunFolder run = new RunFolder(entry);
        if (run.hasStep()) {
          stepped.add(run);
        }
      }
    }
    return stepped.stream()
        .max(Comparator.comparingLong(RunFolder::lastUse).thenComparing(RunFolder::path));
  }

  /** A step may have been logged that no checkpoint holds yet. */
  private boolean hasStep() throws IOException {
    boolean logged = Files.isRegularFile(metrics()) && Files.size(metrics()) > 0;
    return Files.exists(config()) && (logged || hasCheckpoints());
  }

  private boolean hasCheckpoints() throws IOException {
    return !new CheckpointCatalog(path).list().isEmpty();
  }

  private long lastUse() {
    return Math.max(config().toFile().lastModified(), metrics().toFile().lastModified());
  }

  /** All settings, in YAML. */
  public Path config() {
    return path.resolve("config.yaml");
  }

  /** A line for each step, evaluation and sample. */
  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /** Charts, samples and settings, for a browser. */
  public Path report() {
    return path.resolve("report.html");
  }

  /** What the flight recorder recorded of the run, when it was asked to. */
  public Path recording() {
    return path.resolve("profile.jfr");
  }

  /** Where the time went, of the recording. */
  public Path profilePage() {
    return path.resolve("profile.html");
  }

  /** Where text that can be read only once is kept. */
  public Path inputCopy() {
    return path.resolve("text.txt");
  }

  /** The text as ids. */
  public Path data() {
    return path.resolve(DATA);
  }

  /** The files that the text came from. */
  Path text() {
    return path.resolve("text.json");
  }

  /** What a run knows besides about documents; not there if it is one on text. */
  Path documents() {
    return path.resolve("documents.json");
  }

  /** What these files, and those of a model to begin with, held. */
  Path begun() {
    return path.resolve("begun.json");
  }

  /**
   * Requires that a run can be trained here without harm to what is not a run: that the folder is
   * new, empty, or a run.
   *
   * @throws IOException that says what it is instead
   */
  public void requireUsable() throws IOException {
    if (path.toString().isEmpty()) {
      throw new IOException("the name of the run folder is empty; name one with --out DIR");
    }
    requireOutsideOfRuns();
    requireReachable();
    for (Path at = path.toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at)) {
        break;
      }
      if (Files.isSymbolicLink(at)) {
        throw unusable(at, "a link to what is not a folder");
      }
      if (Files.exists(at)) {
        throw unusable(at, "there is a file where a folder is needed");
      }
    }
    if (Files.isDirectory(path) && !isRun() && !isEmpty()) {
      throw unusable(
          path, "the folder holds other files and is not a run, so nothing is written there");
    }
  }

  /** A system does not go up from a folder that is not there, and nobody means it to be made. */
  private void requireReachable() throws IOException {
    Path walked = path.toAbsolutePath().getRoot();
    for (Path name : path.toAbsolutePath()) {
      if (name.toString().equals("..") && !Files.isDirectory(walked)) {
        throw unusable(path, "there is no folder " + walked + " to go up from");
      }
      walked = walked.resolve(name);
    }
  }

  /**
   * Begins a run before there is anything else of it, for what is saved here first.
   *
   * @param locks whether the file system has locks
   */
  public void claim(boolean locks) throws IOException {
    requireUsable();
    (locks ? RunLock.acquire(path) : RunLock.acquireWithoutLock(path)).close();
  }

  private static IOException unusable(Path place, String problem) {
    return new IOException(
        "%s: %s; choose a new folder, an empty one or a run with --out".formatted(place, problem));
  }

  private void requireOutsideOfRuns() throws IOException {
    Optional<String> around = partOfARunAround(path);
    if (around.isPresent()) {
      throw unusable(path, "it is inside " + around.get());
    }
  }

  /**
   * What of a run a place is inside of, if of any: checkpoints never change, and both they and data
   * are removed when the run likes.
   */
  public static Optional<String> partOfARunAround(Path place) throws IOException {
    Path there = place.toAbsolutePath().normalize();
    while (there != null && !Files.exists(there)) {
      there = there.getParent();
    }
    for (Path at = there == null ? null : there.toRealPath(); at != null; at = at.getParent()) {
      boolean checkpoint =
          Files.exists(at.resolve("manifest.json")) && Files.exists(at.resolve("trainer.json"));
      if (checkpoint || isPartOfARun(at, CheckpointCatalog.FOLDER)) {
        return Optional.of("the checkpoints of a run, " + at);
      }
      if (isPartOfARun(at, DATA)) {
        return Optional.of("the data of a run, " + at);
      }
    }
    return Optional.empty();
  }

  /** Whether a place is one of the files of a run itself, which the run writes as it likes. */
  public static boolean isFileOfARun(Path place) throws IOException {
    Path there = place.toAbsolutePath().normalize();
    if (there.getParent() == null) {
      return false;
    }
    RunFolder around = new RunFolder(there.getParent());
    return around.files().contains(there) && around.isRun();
  }

  private List<Path> files() {
    return List.of(
        config(),
        metrics(),
        report(),
        recording(),
        profilePage(),
        inputCopy(),
        text(),
        documents(),
        begun(),
        RunLock.file(path));
  }

  private static boolean isPartOfARun(Path folder, String part) throws IOException {
    return folder.getFileName() != null
        && folder.getFileName().toString().equals(part)
        && new RunFolder(folder.getParent()).isRun();
  }

  /** Whether the folder is known as one that a run was begun in. A run.lock is its first file. */
  boolean isRun() throws IOException {
    boolean settled = Files.exists(config()) && (Files.exists(text()) || Files.exists(metrics()));
    return settled || RunLock.wasIn(path) || hasCheckpoints();
  }

  private boolean isEmpty() throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries.findAny().isEmpty();
    }
  }

  /** What text.json holds when these files were named; none stand for the JDK's sources. */
  static byte[] textFile(List<Path> named) throws IOException {
    return JsonText.list(named.stream().map(p -> p.toAbsolutePath().toString()).toList());
  }

  /**
   * The files that the run was begun with; none stand for the JDK's sources.
   *
   * @return empty if the run does not know
   * @throws IOException if what it has of them is damaged
   */
  public Optional<List<Path>> rememberedText() throws IOException {
    if (!Files.exists(text())) {
      return Optional.empty();
    }
    List<Path> paths = new ArrayList<>();
    try (StrictJson json = StrictJson.open(text(), MAX_TEXT_BYTES)) {
      for (String path : json.strings()) {
        paths.add(Path.of(path));
      }
    } catch (InvalidFileException e) {
      throw new IOException(e.getMessage() + "; name the text with --data", e);
    } catch (InvalidPathException e) {
      throw new IOException(
          "%s: %s; name the text with --data".formatted(text(), FileProblem.explain(e)), e);
    }
    return Optional.of(paths);
  }
}
