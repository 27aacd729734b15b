package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonObject;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.model.io.StrictJson;
import dev.lanewise.trainer.files.FileDigest;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/**
 * {@code manifest.json}: size and SHA-256 of each other file of a checkpoint. It has one rendering
 * only, byte for byte; anything else is refused, because the manifest itself has no digest.
 */
record Manifest(NavigableMap<String, FileDigest> files) {

  static final String NAME = "manifest.json";

  private static final int VERSION = 1;
  private static final int MAX_BYTES = 1 << 16;
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  Manifest {
    files = new TreeMap<>(files);
  }

  byte[] render() {
    return JsonText.indented(
        json -> {
          json.writeNumberField("format_version", VERSION);
          json.writeObjectFieldStart("files");
          for (Map.Entry<String, FileDigest> file : files.entrySet()) {
            json.writeObjectFieldStart(file.getKey());
            json.writeNumberField("size", file.getValue().size());
            json.writeStringField("sha256", file.getValue().sha256());
            json.writeEndObject();
          }
          json.writeEndObject();
        });
  }

  static Manifest read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    byte[] bytes = RegularFile.read(file, MAX_BYTES);
    JsonObject object = StrictJson.parse(file, bytes);
    int version = object.integer("format_version");
    if (version != VERSION) {
      throw object.problem(
          "format_version", "this Lanewise reads version %d, found %d".formatted(VERSION, version));
    }
    JsonObject listed = object.object("files");
    NavigableMap<String, FileDigest> files = new TreeMap<>();
    for (String name : listed.names()) {
      files.put(name, entry(listed, name));
    }
    Manifest manifest = new Manifest(files);
    if (!Arrays.equals(manifest.render(), bytes)) {
      throw new InvalidFileException(file, "", "not as Lanewise writes it: it was changed");
    }
    return manifest;
  }

  private static FileDigest entry(JsonObject listed, String name) throws InvalidFileException {
    if (!FILE_NAME.matcher(name).matches()) {
      throw listed.problem("", "a name in it is not a plain file name");
    }
    JsonObject entry = listed.object(name);
    long size = entry.whole("size");
    String digest = entry.string("sha256");
    if (size < 0 || !DIGEST.matcher(digest).matches()) {
      throw listed.problem(name, "expected a size and a SHA-256 in hex");
    }
    return new FileDigest(size, digest);
  }

  /**
   * Checks that the manifest names files.
   *
   * @throws InvalidFileException if one is not named
   */
  void requireListed(Path folder, List<String> names) throws InvalidFileException {
    for (String name : names) {
      if (!files.containsKey(name)) {
        throw new InvalidFileException(folder.resolve(NAME), "files." + name, "missing");
      }
    }
  }

  /** Whether a folder looks like a checkpoint, at a glance: all files are there, by size. */
  static boolean isPlausible(Path folder) {
    try {
      for (Map.Entry<String, FileDigest> file : read(folder).files.entrySet()) {
        if (Files.size(folder.resolve(file.getKey())) != file.getValue().size()) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns the bytes of those files of these names that are listed. */
  long bytes(Collection<String> names) {
    return names.stream()
        .filter(files::containsKey)
        .mapToLong(name -> files.get(name).size())
        .sum();
  }

  /** Checks all files. */
  void verifyAll(Path folder, Progress progress) throws IOException {
    Tally tally = progress.begin(Phase.CHECKING, bytes(files.keySet()));
    for (String name : files.keySet()) {
      verify(folder, name, tally);
    }
    tally.end();
  }

  /**
   * Checks one file.
   *
   * @param checked is told the bytes of each block
   * @throws InvalidFileException if it is not listed, not there, or not as it was written
   */
  void verify(Path folder, String name, LongConsumer checked) throws IOException {
    requireListed(folder, List.of(name));
    FileDigest expected = files.get(name);
    Path file = folder.resolve(name);
    RegularFile.require(file);
    long size = Files.size(file);
    if (size != expected.size()) {
      throw new InvalidFileException(
          file,
          "",
          "%s long instead of %d: cut off or changed"
              .formatted(Counted.of(size, "byte"), expected.size()));
    }
    if (!FileDigest.of(file, checked).equals(expected)) {
      throw new InvalidFileException(file, "", "damaged: its SHA-256 is not the one in " + NAME);
    }
  }
}
