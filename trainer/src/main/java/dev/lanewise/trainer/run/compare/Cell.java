package dev.lanewise.trainer.run.compare;

import dev.lanewise.trainer.run.page.SettingValue;
import dev.lanewise.trainer.settings.ConfigKey;

/** Words in a cell of a table. */
final class Cell {

  /** There is nothing to be said. */
  static final String NONE = "\u2013";

  private static final int LONGEST = 48;

  private Cell() {}

  /** What a setting is in a group. */
  static String of(ConfigKey key, RunGroup group) {
    boolean ofBase = key.isOfNewModel() && !group.settings().model().from().isEmpty();
    return ofBase ? NONE : SettingValue.shown(key, group.settings());
  }

  /** Beginning and end of what is long. */
  static String shortened(String text) {
    int length = text.codePointCount(0, text.length());
    if (length <= LONGEST) {
      return text;
    }
    int half = LONGEST / 2;
    return text.substring(0, text.offsetByCodePoints(0, half))
        + "\u2026"
        + text.substring(text.offsetByCodePoints(text.length(), -half));
  }
}
