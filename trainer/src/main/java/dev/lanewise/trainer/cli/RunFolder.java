package dev.lanewise.trainer.cli;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.model.io.StrictJson;
import dev.lanewise.trainer.files.DurableFiles;
import java.io.IOException;
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

/** The names of a run's files, and where runs are when nobody says where. */
record RunFolder(Path path) {

  private static final Path RUNS = Path.of("runs");
  private static final int MAX_TEXT_BYTES = 1 << 24;

  /** A folder named after a preset and the time, below {@code runs}. */
  static RunFolder fresh(String name, LocalDateTime now) {
    String time = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).format(now);
    Path path = RUNS.resolve(name + "-" + time);
    for (int i = 2; Files.exists(path); i++) {
      path = RUNS.resolve(name + "-" + time + "-" + i);
    }
    return new RunFolder(path);
  }

  /** The run below {@code runs} that was trained last. */
  static Optional<RunFolder> newest() throws IOException {
    if (!Files.isDirectory(RUNS)) {
      return Optional.empty();
    }
    try (Stream<Path> runs = Files.list(RUNS)) {
      return runs.map(RunFolder::new)
          .filter(run -> Files.exists(run.config()))
          .max(Comparator.comparingLong(RunFolder::lastUse).thenComparing(RunFolder::path));
    }
  }

  private long lastUse() {
    return Math.max(config().toFile().lastModified(), metrics().toFile().lastModified());
  }

  Path config() {
    return path.resolve("config.yaml");
  }

  Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  Path report() {
    return path.resolve("report.html");
  }

  private Path text() {
    return path.resolve("text.json");
  }

  /** Remembers the files that were named as text; none for the text that is used by default. */
  void rememberText(List<Path> named) throws IOException {
    List<String> absolute = named.stream().map(p -> p.toAbsolutePath().toString()).toList();
    DurableFiles.replace(text(), JsonText.list(absolute));
  }

  /** The files that the run was begun with. */
  List<Path> rememberedText() throws IOException {
    if (!Files.exists(text())) {
      return List.of();
    }
    List<Path> paths = new ArrayList<>();
    try (StrictJson json = StrictJson.open(text(), MAX_TEXT_BYTES)) {
      for (String path : json.strings()) {
        paths.add(Path.of(path));
      }
    } catch (InvalidFileException | InvalidPathException e) {
      throw new IOException(e.getMessage() + "; name the text with --data", e);
    }
    return paths;
  }
}
