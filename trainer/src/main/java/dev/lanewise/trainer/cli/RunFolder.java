package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.model.io.RegularFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The names of a run's files, and where runs are when nobody says where. */
record RunFolder(Path path) {

  private static final Path RUNS = Path.of("runs");
  private static final int MAX_TEXT_BYTES = 1 << 24;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

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
    replace(text(), JSON.writeValueAsString(absolute) + "\n");
  }

  /** The files that the run was begun with. */
  List<Path> rememberedText() throws IOException {
    if (!Files.exists(text())) {
      return List.of();
    }
    RegularFile.require(text(), problem -> damagedText(problem, null));
    try (InputStream in = Files.newInputStream(text())) {
      String[] paths = JSON.readValue(in.readNBytes(MAX_TEXT_BYTES), String[].class);
      return Stream.of(paths).map(Path::of).toList();
    } catch (JsonProcessingException | IllegalArgumentException | NullPointerException e) {
      throw damagedText("damaged", e);
    }
  }

  private IOException damagedText(String problem, Exception cause) {
    return new IOException(text() + ": " + problem + "; name the text with --data", cause);
  }

  /** Writes a small file so that there is the old or the new one, whatever happens meanwhile. */
  static void replace(Path file, String content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      // Renamed before its content is on the disk, it may be empty after a power failure.
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
