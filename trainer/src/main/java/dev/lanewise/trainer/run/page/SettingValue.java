package dev.lanewise.trainer.run.page;

import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigType;
import dev.lanewise.trainer.settings.Settings;

/** Values of settings as people read them. */
public final class SettingValue {

  private SettingValue() {}

  /** Returns the value that settings have; text in quotes, in a line. */
  public static String shown(ConfigKey key, Settings settings) {
    String value = ConfigType.format(key.valueIn(settings));
    return key.type() == ConfigType.TEXT
        ? '"'
            + value
                .replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\n", "\\n")
                .replace("\t", "\\t")
            + '"'
        : value;
  }
}
