package dev.lanewise.trainer.run.checkpoint;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonObject;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.model.io.StrictJson;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.settings.SettingsJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * {@code trainer.json}: the {@link TrainingState}, readable for people too. A setting that comes is
 * not a new version; whatever changes the meaning of a field, or another file of the checkpoint,
 * is.
 */
final class StateFile {

  static final String NAME = "trainer.json";

  /** Far above what it takes, besides the prompt. */
  static final int MAX_BYTES = 1 << 20;

  private static final int VERSION = 5;

  /** Of a checkpoint without bases of tables, which is all that is new since. */
  private static final int VERSION_WITHOUT_BASES = 4;

  private static final int OLDEST_VERSION = 2;
  private static final String VERSION_FIELD = "format_version";
  private static final String STATE = "state";
  private static final String SETTINGS = "settings";

  /** Only a run by minutes has it: the files of others do not depend on a clock. */
  private static final String SECONDS = "seconds";

  /** Where the settings were in version 2. */
  private static final String SETTINGS_OF_VERSION_2 = "config";

  private StateFile() {}

  /**
   * Renders a state, and reads it back: what could not be read again must not be written.
   *
   * @param file for messages
   * @param onBases whether tables of the checkpoint lie on bases, which older versions do not know
   */
  static byte[] render(Path file, TrainingState state, boolean onBases) throws IOException {
    byte[] bytes =
        JsonText.indented(
            json -> {
              json.writeNumberField(VERSION_FIELD, onBases ? VERSION : VERSION_WITHOUT_BASES);
              json.writeObjectFieldStart(STATE);
              write(json, state);
              json.writeEndObject();
            });
    if (bytes.length > MAX_BYTES || !parse(file, bytes).equals(state)) {
      throw new InvalidFileException(
          file, "", "this configuration cannot be stored; is the prompt very long?");
    }
    return bytes;
  }

  private static void write(JsonGenerator json, TrainingState state) throws IOException {
    json.writeNumberField("step", state.step());
    if (state.best() == null) {
      json.writeNullField("best");
    } else {
      json.writeObjectFieldStart("best");
      json.writeNumberField("loss", state.best().loss());
      json.writeNumberField("step", state.best().step());
      json.writeEndObject();
    }
    json.writeNumberField("skipped", state.skipped());
    json.writeNumberField("skippedInARow", state.skippedInARow());
    json.writeObjectFieldStart(SETTINGS);
    SettingsJson.write(json, state.settings());
    json.writeEndObject();
    json.writeStringField("tokenizerFingerprint", state.tokenizerFingerprint());
    json.writeStringField("dataFingerprint", state.dataFingerprint());
    if (state.seconds() > 0) {
      json.writeNumberField(SECONDS, state.seconds());
    }
  }

  static TrainingState read(Path file) throws IOException {
    return parse(file, RegularFile.read(file, MAX_BYTES));
  }

  private static TrainingState parse(Path file, byte[] bytes) throws IOException {
    JsonObject object = StrictJson.parse(file, bytes);
    int version = object.integer(VERSION_FIELD);
    if (version < OLDEST_VERSION || version > VERSION) {
      throw object.problem(
          VERSION_FIELD,
          "this Lanewise reads versions %d to %d, found %d"
              .formatted(OLDEST_VERSION, VERSION, version));
    }
    requireOnly(object, Set.of(VERSION_FIELD, STATE), version);
    JsonObject state = object.object(STATE);
    String where = version == 2 ? SETTINGS_OF_VERSION_2 : SETTINGS;
    requireOnly(state, fields(where), version);
    Settings settings = SettingsJson.read(state.object(where), version);
    try {
      return new TrainingState(
          state.whole("step"),
          best(state),
          state.whole("skipped"),
          state.integer("skippedInARow"),
          settings,
          state.string("tokenizerFingerprint"),
          state.string("dataFingerprint"),
          state.has(SECONDS) ? state.number(SECONDS) : 0);
    } catch (IllegalArgumentException e) {
      throw object.problem(STATE, e.getMessage(), e);
    }
  }

  private static Set<String> fields(String settings) {
    return Set.of(
        "step",
        "best",
        "skipped",
        "skippedInARow",
        settings,
        "tokenizerFingerprint",
        "dataFingerprint",
        SECONDS);
  }

  private static TrainingState.Best best(JsonObject state) throws InvalidFileException {
    if (state.isNull("best")) {
      return null;
    }
    JsonObject best = state.object("best");
    requireOnly(best, Set.of("loss", "step"), VERSION);
    return new TrainingState.Best(best.number("loss"), best.whole("step"));
  }

  private static void requireOnly(JsonObject object, Set<String> known, int version)
      throws InvalidFileException {
    for (String name : object.names()) {
      if (!known.contains(name)) {
        throw object.problem(
            name,
            "this Lanewise does not know the field (the file is of version %d); a newer one wrote it"
                .formatted(version));
      }
    }
  }
}
