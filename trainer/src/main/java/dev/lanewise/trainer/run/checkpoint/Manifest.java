package dev.lanewise.trainer.run.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lanewise.model.io.InvalidFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * {@code manifest.json}: size and SHA-256 of each other file of a checkpoint. It has one rendering
 * only, byte for byte; anything else is refused, because the manifest itself has no digest.
 */
record Manifest(NavigableMap<String, Entry> files) {

  static final String NAME = "manifest.json";

  private static final int VERSION = 1;
  private static final int MAX_BYTES = 1 << 16;
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  /** What a file holds. */
  record Entry(long size, String sha256) {}

  Manifest {
    files = new TreeMap<>(files);
  }

  byte[] render() {
    return JsonFile.render(
        json -> {
          json.writeNumberField("format_version", VERSION);
          json.writeObjectFieldStart("files");
          for (Map.Entry<String, Entry> file : files.entrySet()) {
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
    byte[] bytes = PlainFiles.readSmall(file, MAX_BYTES);
    ObjectNode object = JsonFile.parse(file, bytes);
    JsonNode version = object.get("format_version");
    if (version == null || !version.isInt() || version.intValue() != VERSION) {
      throw new InvalidFileException(
          file, "format_version", "this Lanewise reads version " + VERSION);
    }
    if (!(object.get("files") instanceof ObjectNode listed)) {
      throw new InvalidFileException(file, "files", "expected an object");
    }
    NavigableMap<String, Entry> files = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : listed.properties()) {
      files.put(field.getKey(), entry(file, field.getKey(), field.getValue()));
    }
    Manifest manifest = new Manifest(files);
    if (!Arrays.equals(manifest.render(), bytes)) {
      throw new InvalidFileException(file, "", "not as Lanewise writes it: it was changed");
    }
    return manifest;
  }

  private static Entry entry(Path file, String name, JsonNode node) throws InvalidFileException {
    if (!FILE_NAME.matcher(name).matches()) {
      throw new InvalidFileException(file, "files", "a name in it is not a plain file name");
    }
    JsonNode size = node.path("size");
    JsonNode digest = node.path("sha256");
    if (!size.isIntegralNumber()
        || !size.canConvertToLong()
        || size.longValue() < 0
        || !digest.isTextual()
        || !DIGEST.matcher(digest.textValue()).matches()) {
      throw new InvalidFileException(file, "files." + name, "expected a size and a SHA-256 in hex");
    }
    return new Entry(size.longValue(), digest.textValue());
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
      for (Map.Entry<String, Entry> file : read(folder).files.entrySet()) {
        if (Files.size(folder.resolve(file.getKey())) != file.getValue().size()) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Checks all files. */
  void verifyAll(Path folder) throws IOException {
    for (String name : files.keySet()) {
      verify(folder, name);
    }
  }

  /**
   * Checks one file.
   *
   * @throws InvalidFileException if it is not listed, not there, or not as it was written
   */
  void verify(Path folder, String name) throws IOException {
    requireListed(folder, List.of(name));
    Entry expected = files.get(name);
    Path file = folder.resolve(name);
    PlainFiles.requireRegular(file);
    long size = Files.size(file);
    if (size != expected.size()) {
      throw new InvalidFileException(
          file,
          "",
          "%d bytes long instead of %d: cut off or changed".formatted(size, expected.size()));
    }
    if (!PlainFiles.digest(file).equals(expected)) {
      throw new InvalidFileException(file, "", "damaged: its SHA-256 is not the one in " + NAME);
    }
  }
}
