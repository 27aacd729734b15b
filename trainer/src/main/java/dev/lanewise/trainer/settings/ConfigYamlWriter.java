package dev.lanewise.trainer.settings;

/** Writes a whole configuration as YAML that {@link ConfigYaml} reads back to the same values. */
public final class ConfigYamlWriter {

  private static final int COMMENT_COLUMN = 28;

  private ConfigYamlWriter() {}

  /** Returns the text of a file with all settings, each with what it does. */
  public static String write(Settings settings) {
    StringBuilder yaml = new StringBuilder();
    ConfigKey.Section section = null;
    for (ConfigKey key : ConfigKey.values()) {
      if (!key.isSaidIn(settings)) {
        continue;
      }
      if (key.section() != section) {
        section = key.section();
        yaml.append(yaml.isEmpty() ? "" : "\n").append("# ").append(section.title()).append("\n\n");
      }
      String setting = key.key() + ": " + format(key.type(), key.valueIn(settings));
      yaml.append(setting)
          .repeat(' ', Math.max(1, COMMENT_COLUMN - setting.length()))
          .append("# ")
          .append(key.description())
          .append('\n');
    }
    return yaml.toString();
  }

  private static String format(ConfigType type, Object value) {
    return switch (type) {
      case TEXT -> quote((String) value);
      case DOUBLE -> number((Double) value);
      default -> ConfigType.format(value);
    };
  }

  /** Python's YAML takes 3e-4 and 1.0e10 for text: it wants a point, and a sign. */
  private static String number(double value) {
    return Double.toString(value).replace("E-", "e-").replace("E", "e+");
  }

  /** A double-quoted scalar; whatever YAML might not print is escaped. */
  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
              } else if (c == '\n') {
                quoted.append("\\n");
              } else if (c == '\t') {
                quoted.append("\\t");
              } else if ((c >= ' ' && c <= '~') || Character.isLetterOrDigit(c)) {
                quoted.appendCodePoint(c);
              } else {
                quoted.append(
                    Character.isBmpCodePoint(c) ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c));
              }
            });
    return quoted.append('"').toString();
  }
}
