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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * What a run was begun with, in its {@code begun.json}. A checkpoint says it too; until the first
 * one is there nothing else would notice that the files behind the names have changed.
 *
 * @param text SHA-256 of the clean text, in hex
 * @param weights SHA-256 of the weights of {@code --from} as they were read, in hex; where
 *     something is added to them, of the SHA-256 of their files and of what is added; empty if the
 *     run made its own
 */
record FirstInputs(String text, String weights) {

  private static final int VERSION = 1;
  private static final int MAX_BYTES = 1 << 12;
  private static final int BLOCK = 1 << 14;

  /** Those of a text, and of weights, null if the run made its own. */
  static FirstInputs of(String text, ParameterStore weights) {
    return new FirstInputs(
        text, weights == null ? "" : sha256("", weights.data(), weights.data().length));
  }

  /**
   * Those of a text and of what is added to a model.
   *
   * @param baseDigest of the model, whose weights may lie nowhere as floats
   * @param weights have what is added, which is all that is trained, before anything else
   */
  static FirstInputs ofAdapted(String text, String baseDigest, ParameterStore weights) {
    int trained = weights.layout().trainableSize();
    return new FirstInputs(text, sha256(baseDigest, weights.data(), trained));
  }

  /** Of the numbers in memory, so that no file is read a second time. */
  private static String sha256(String first, float[] data, int size) {
    MessageDigest digest = Sha256.digest();
    digest.update(first.getBytes(StandardCharsets.US_ASCII));
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < size; from += BLOCK) {
      int count = Math.min(BLOCK, size - from);
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
