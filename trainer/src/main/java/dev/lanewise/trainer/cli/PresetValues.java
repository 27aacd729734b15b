package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigType;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ResourceBundle;

/**
 * What the presets say about each setting, for help. A bundle, because picocli asks one only when
 * it prints help, and to read all presets takes a good part of a start.
 */
final class PresetValues extends ResourceBundle {

  private static final String PREFIX = "lanewise.presets.";

  private Map<Preset, Settings> settings;

  /** What stands in a description for the values of a setting. */
  static String placeholder(ConfigKey key) {
    return "${bundle:" + PREFIX + key.key() + "}";
  }

  @Override
  public Enumeration<String> getKeys() {
    return Collections.enumeration(
        Arrays.stream(ConfigKey.values()).map(key -> PREFIX + key.key()).toList());
  }

  @Override
  protected Object handleGetObject(String name) {
    return Arrays.stream(ConfigKey.values())
        .filter(key -> name.equals(PREFIX + key.key()))
        .findFirst()
        .map(this::values)
        .orElse(null);
  }

  /** Such as {@code default: 128; shakespeare-char: 64; baby-gpt, gpt2-124m: 256}. */
  private String values(ConfigKey key) {
    if (settings == null) {
      settings = new EnumMap<>(Preset.class);
      for (Preset preset : Preset.values()) {
        settings.put(preset, preset.layer().toSettings());
      }
    }
    Map<String, List<String>> presetsByValue = new LinkedHashMap<>();
    settings.forEach(
        (preset, all) ->
            presetsByValue
                .computeIfAbsent(show(key.valueIn(all)), value -> new ArrayList<>())
                .add(preset == Preset.DEFAULT ? "default" : preset.id()));
    List<String> shown = new ArrayList<>();
    presetsByValue.forEach(
        (value, presets) ->
            shown.add(
                (presets.contains("default") ? "default" : String.join(", ", presets))
                    + ": "
                    + value));
    return String.join("; ", shown).replace("%", "%%");
  }

  private static String show(Object value) {
    return value instanceof String text
        ? "\"" + text.replace("\n", "\\n") + "\""
        : ConfigType.format(value);
  }
}
