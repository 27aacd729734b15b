package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.settings.ConfigType;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads numbers of options as those of settings are read. Picocli would say of which type of Java a
 * value is not.
 */
final class NumberConverters {

  private NumberConverters() {}

  /** Has the commands of a command line, which are added before this, read numbers so. */
  static void register(CommandLine root) {
    register(root, Integer.class, int.class, ConfigType.INT);
    register(root, Long.class, long.class, ConfigType.LONG);
    register(root, Double.class, double.class, ConfigType.DOUBLE);
  }

  private static <T> void register(
      CommandLine root, Class<T> type, Class<T> primitive, ConfigType numbers) {
    ITypeConverter<T> converter =
        value -> {
          try {
            return type.cast(numbers.parse(value));
          } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
          }
        };
    root.registerConverter(type, converter);
    root.registerConverter(primitive, converter);
  }
}
