package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.ConfigType;
import dev.lanewise.trainer.settings.Preset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** One option for each setting of {@link ConfigKey}, under the headings of its sections. */
final class ConfigOptions {

  private ConfigOptions() {}

  /** Adds the options of some settings to a command. */
  static void addTo(CommandSpec spec, Set<ConfigKey> keys) {
    spec.resourceBundle(new PresetValues());
    int order = 100;
    for (ConfigKey.Section section : ConfigKey.Section.values()) {
      ArgGroupSpec.Builder group =
          ArgGroupSpec.builder()
              .heading("%n" + section.title() + ":%n")
              .validate(false)
              .order(order++);
      boolean empty = true;
      for (ConfigKey key : ConfigKey.values()) {
        if (key.section() == section && keys.contains(key)) {
          group.addArg(option(key, order++));
          empty = false;
        }
      }
      if (!empty) {
        spec.addArgGroup(group.build());
      }
    }
  }

  private static OptionSpec option(ConfigKey key, int order) {
    OptionSpec.Builder builder = OptionSpec.builder(key.option());
    if (key.type() == ConfigType.TEXT || key.type() == ConfigType.NAME) {
      builder.preprocessor(new Verbatim());
    }
    return builder
        .type(key.type().javaType())
        .paramLabel(label(key.type()))
        .arity(key.type() == ConfigType.BOOLEAN ? "0..1" : "1")
        .fallbackValue(key.type() == ConfigType.BOOLEAN ? "true" : "")
        .converters(text -> parse(key, text))
        .description(
            key.description().replace("%", "%%") + " (" + PresetValues.placeholder(key) + ")")
        .order(order)
        .build();
  }

  private static Object parse(ConfigKey key, String text) {
    try {
      return key.type().parse(Verbatim.text(text));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  private static String label(ConfigType type) {
    return switch (type) {
      case INT, LONG -> "N";
      case DOUBLE -> "X";
      case BOOLEAN -> "true|false";
      case TEXT -> "TEXT";
      case NAME -> "NAME";
    };
  }

  /** Puts the list of presets before the examples. */
  static void addPresetsTo(CommandSpec spec) {
    List<String> footer = new ArrayList<>(List.of("", "Presets:"));
    for (Preset preset : Preset.values()) {
      footer.add("  %-18s%s".formatted(preset.id(), preset.description()));
    }
    footer.addAll(List.of(spec.usageMessage().footer()));
    spec.usageMessage().footer(footer.toArray(String[]::new));
  }

  /** Returns those of some settings that were given on the command line. */
  static ConfigLayer given(CommandSpec spec, Set<ConfigKey> keys) {
    ParseResult called = spec.commandLine().getParseResult();
    ConfigLayer given = ConfigLayer.empty();
    for (ConfigKey key : keys) {
      if (called.hasMatchedOption(key.option())) {
        Object value = called.matchedOptionValue(key.option(), null);
        given = given.with(key, value);
      }
    }
    return given;
  }
}
