package dev.lanewise.trainer.settings;

import java.util.Locale;

/** How the value of a setting is written, in a file and on the command line alike. */
public enum ConfigType {
  /** A whole number that fits an int. */
  INT("a whole number", Integer.class) {
    @Override
    Object read(String text) {
      return Integer.valueOf(text.replace("_", ""));
    }
  },

  /** A whole number. */
  LONG("a whole number", Long.class) {
    @Override
    Object read(String text) {
      return Long.valueOf(text.replace("_", ""));
    }
  },

  /** A number such as 0.0003 or 3e-4. */
  DOUBLE("a number such as 0.0003 or 3e-4", Double.class) {
    @Override
    Object read(String text) {
      // Double.valueOf also reads hexadecimal floats, and "1d".
      if (!text.matches("[-+]?(\\d[\\d_]*\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?")) {
        throw new NumberFormatException(text);
      }
      return Double.valueOf(text.replace("_", ""));
    }
  },

  /** True or false. */
  BOOLEAN("true or false", Boolean.class) {
    @Override
    Object read(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new IllegalArgumentException(text);
      };
    }
  },

  /** Any text. */
  TEXT("text", String.class) {
    @Override
    Object read(String text) {
      return text;
    }
  },

  /** The name of something that is registered, in small letters. */
  NAME("a name such as adamw", String.class) {
    @Override
    Object read(String text) {
      // Version 2 of trainer.json had capital letters.
      String name = text.toLowerCase(Locale.ROOT);
      if (!name.matches("[a-z0-9][a-z0-9_-]{0,63}")) {
        throw new IllegalArgumentException(text);
      }
      return name;
    }
  };

  private final String expected;
  private final Class<?> javaType;

  ConfigType(String expected, Class<?> javaType) {
    this.expected = expected;
    this.javaType = javaType;
  }

  abstract Object read(String text);

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException whose message says what was expected, or is out of range
   */
  public Object parse(String text) {
    try {
      return read(text);
    } catch (IllegalArgumentException e) {
      boolean outOfRange = e instanceof NumberFormatException && text.matches("[-+]?\\d[\\d_]*");
      throw new IllegalArgumentException(
          "\"%s\" is %s".formatted(text, outOfRange ? "out of range" : "not " + expected), e);
    }
  }

  /** Writes a value so that it reads back the same; text as it is. */
  public static String format(Object value) {
    if (value instanceof Double) {
      return value.toString().replace(".0E", "e").replace('E', 'e');
    }
    return value.toString();
  }

  /** Returns the class that values have. */
  public Class<?> javaType() {
    return javaType;
  }
}
