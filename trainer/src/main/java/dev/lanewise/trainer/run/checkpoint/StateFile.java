package dev.lanewise.trainer.run.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lanewise.model.io.InvalidFileException;
import java.io.IOException;
import java.nio.file.Path;

/** {@code trainer.json}: the {@link TrainingState}, readable for people too. */
final class StateFile {

  static final String NAME = "trainer.json";

  /** Far above what it takes, besides the prompt. */
  static final int MAX_BYTES = 1 << 20;

  private static final int VERSION = 2;
  private static final String VERSION_FIELD = "format_version";
  private static final String STATE_FIELD = "state";

  private StateFile() {}

  /**
   * Renders a state, and reads it back: what could not be read again must not be written.
   *
   * @param file for messages
   */
  static byte[] render(Path file, TrainingState state) throws IOException {
    byte[] bytes =
        JsonFile.render(
            json -> {
              json.writeNumberField(VERSION_FIELD, VERSION);
              json.writeObjectFieldStart(STATE_FIELD);
              RecordJson.write(json, state);
              json.writeEndObject();
            });
    if (bytes.length > MAX_BYTES || !parse(file, bytes).equals(state)) {
      throw new InvalidFileException(
          file, "", "this configuration cannot be stored; is the prompt very long?");
    }
    return bytes;
  }

  static TrainingState read(Path file) throws IOException {
    return parse(file, PlainFiles.readSmall(file, MAX_BYTES));
  }

  private static TrainingState parse(Path file, byte[] bytes) throws InvalidFileException {
    ObjectNode object = JsonFile.parse(file, bytes);
    JsonNode version = object.get(VERSION_FIELD);
    if (version == null || !version.isInt() || version.intValue() != VERSION) {
      throw new InvalidFileException(
          file,
          VERSION_FIELD,
          "this Lanewise reads version "
              + VERSION
              + ", found "
              + (version == null ? "none" : version));
    }
    if (object.size() != 2 || !(object.get(STATE_FIELD) instanceof ObjectNode state)) {
      throw new InvalidFileException(
          file, STATE_FIELD, "expected the fields " + VERSION_FIELD + " and " + STATE_FIELD);
    }
    return RecordJson.read(TrainingState.class, file, STATE_FIELD, state);
  }
}
