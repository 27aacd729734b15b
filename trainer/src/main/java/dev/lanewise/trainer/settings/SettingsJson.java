package dev.lanewise.trainer.settings;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonObject;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Settings as an object of a JSON file, a field for each under the name that it has in config.yaml.
 * An older file lacks settings that came later; they get their defaults.
 */
public final class SettingsJson {

  /** Version 2 of trainer.json had names of its own; these differ in more than their letters. */
  private static final Map<String, ConfigKey> NAMES_OF_VERSION_2 =
      Map.of(
          "width", ConfigKey.D_MODEL,
          "feedForwardWidth", ConfigKey.D_FF,
          "maxLearningRate", ConfigKey.LR,
          "minLearningRate", ConfigKey.MIN_LR);

  private SettingsJson() {}

  /** Writes the fields of an object that has been begun. */
  public static void write(JsonGenerator json, Settings settings) throws IOException {
    for (ConfigKey key : ConfigKey.values()) {
      if (!key.isSaidIn(settings)) {
        continue;
      }
      json.writeFieldName(key.key());
      Object value = key.valueIn(settings);
      switch (key.type()) {
        case INT, LONG -> json.writeNumber(((Number) value).longValue());
        case DOUBLE -> json.writeNumber((Double) value);
        case BOOLEAN -> json.writeBoolean((Boolean) value);
        case TEXT, NAME -> json.writeString(ConfigType.format(value));
      }
    }
  }

  /**
   * Reads settings.
   *
   * @param version of the file
   * @throws InvalidFileException that names the field that is not known or not of its type
   */
  public static Settings read(JsonObject object, int version) throws InvalidFileException {
    ConfigLayer layer = ConfigLayer.empty();
    for (String name : object.names()) {
      Optional<ConfigKey> key = version == 2 ? findOfVersion2(name) : ConfigKey.find(name);
      if (key.isEmpty()) {
        throw object.problem(
            name,
            "this Lanewise does not know the setting (the file is of version %d); a newer one wrote it"
                .formatted(version));
      }
      layer = layer.with(key.get(), value(object, name, key.get().type()));
    }
    return layer.toSettings();
  }

  private static Optional<ConfigKey> findOfVersion2(String name) {
    ConfigKey key = NAMES_OF_VERSION_2.get(name);
    return key == null ? ConfigKey.find(name.replaceAll("[A-Z]", "_$0")) : Optional.of(key);
  }

  private static Object value(JsonObject object, String name, ConfigType type)
      throws InvalidFileException {
    return switch (type) {
      case INT -> object.integer(name);
      case LONG -> object.whole(name);
      case DOUBLE -> object.number(name);
      case BOOLEAN -> object.flag(name);
      case TEXT -> object.string(name);
      case NAME -> {
        try {
          yield type.parse(object.string(name));
        } catch (IllegalArgumentException e) {
          throw object.problem(name, e.getMessage(), e);
        }
      }
    };
  }
}
