package dev.lanewise.trainer.settings;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with settings, a line each: the option, its value, and what to do. */
final class Problems {

  static final int MAX_SIZE = 1 << 24;

  // The kernels compute with floats, in which less may be 0 and more infinite.
  private static final double LEAST_FACTOR = 1e-30;
  private static final double GREATEST_FACTOR = 1e10;
  private static final String FACTORS =
      ConfigType.format(LEAST_FACTOR) + " to " + ConfigType.format(GREATEST_FACTOR);

  private final List<String> lines = new ArrayList<>();

  List<String> lines() {
    return List.copyOf(lines);
  }

  void throwIfAny() {
    if (!lines.isEmpty()) {
      throw new InvalidConfigException(lines());
    }
  }

  /** Returns whether it holds, so that what builds on it need not be looked at. */
  boolean require(boolean holds, ConfigKey key, Object value, String problem) {
    if (!holds) {
      String shown =
          value instanceof String text && key.type() == ConfigType.TEXT
              ? "\"" + text + "\""
              : ConfigType.format(value);
      lines.add(key.option() + " " + shown + " " + problem);
    }
    return holds;
  }

  boolean requireBetween(ConfigKey key, long value, long least, long most) {
    String range =
        most == Integer.MAX_VALUE ? "at least " + least : "from " + least + " to " + most;
    return require(value >= least && value <= most, key, value, "has to be " + range);
  }

  /** In [0, 1), also as the float that is computed with. */
  boolean requireShare(ConfigKey key, double value, String hint) {
    return require(
        value >= 0 && (float) value < 1,
        key,
        value,
        "has to be at least 0 and less than 1, also as a float" + hint);
  }

  boolean requireFactor(ConfigKey key, double value, String example) {
    return require(
        isFactor(value), key, value, "has to be from " + FACTORS + ", for example " + example);
  }

  boolean requireFactorOrZero(ConfigKey key, double value, String zero) {
    return require(
        value == 0 || isFactor(value),
        key,
        value,
        "has to be 0 or from " + FACTORS + "; 0 " + zero);
  }

  private static boolean isFactor(double value) {
    return value >= LEAST_FACTOR && value <= GREATEST_FACTOR;
  }
}
