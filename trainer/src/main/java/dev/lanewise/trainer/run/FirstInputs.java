package dev.lanewise.trainer.run;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonObject;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.model.io.StrictJson;
import dev.lanewise.trainer.files.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * What a run was begun with, in its {@code begun.json}. A checkpoint says it too; until the first
 * one is there nothing else would notice that the files behind the names have changed.
 *
 * @param text SHA-256 of the clean text, in hex
 * @param weights SHA-256 of the weights of {@code --from} as they were read, in hex; empty if the
 *     run made its own
 */
record FirstInputs(String text, String weights) {

  private static final int VERSION = 1;
  private static final int MAX_BYTES = 1 << 12;
  private static final int BLOCK = 1 << 14;

  /** Those of a text, and of weights, null if the run made its own. */
  static FirstInputs of(String text, ParameterStore weights) {
    return new FirstInputs(text, weights == null ? "" : sha256(weights));
  }

  /** Of the numbers in memory, so that no file is read a second time. */
  private static String sha256(ParameterStore weights) {
    MessageDigest digest = Sha256.digest();
    float[] data = weights.data();
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < data.length; from += BLOCK) {
      int count = Math.min(BLOCK, data.length - from);
      bytes.asFloatBuffer().put(data, from, count);
      digest.update(bytes.array(), 0, Float.BYTES * count);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  byte[] render() {
    return JsonText.indented(
        json -> {
          json.writeNumberField("format_version", VERSION);
          json.writeStringField("text", text);
          json.writeStringField("weights", weights);
        });
  }

  /**
   * Reads the file of a run.
   *
   * @return null if it has none, as older runs
   */
  static FirstInputs read(Path file) throws IOException {
    if (!RegularFile.isThere(file)) {
      return null;
    }
    JsonObject object = StrictJson.parse(file, RegularFile.read(file, MAX_BYTES));
    int version = object.integer("format_version");
    if (version != VERSION) {
      throw new InvalidFileException(
          file,
          "format_version",
          "this Lanewise reads version %d, found %d".formatted(VERSION, version));
    }
    return new FirstInputs(object.string("text"), object.string("weights"));
  }
}
