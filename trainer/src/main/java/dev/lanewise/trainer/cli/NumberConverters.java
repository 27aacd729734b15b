package dev.lanewise.trainer.cli;

import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads numbers of options. Picocli would say of which type of Java a value is not. */
final class NumberConverters {

  private NumberConverters() {}

  /** Has the commands of a command line, which are added before this, read numbers so. */
  static void register(CommandLine root) {
    register(root, Integer.class, int.class, Integer::valueOf, "a whole number");
    register(root, Long.class, long.class, Long::valueOf, "a whole number");
    register(root, Double.class, double.class, Double::valueOf, "a number such as 0.5");
  }

  private static <T> void register(
      CommandLine root, Class<T> type, Class<T> primitive, Function<String, T> read, String what) {
    ITypeConverter<T> converter =
        value -> {
          try {
            return read.apply(value);
          } catch (NumberFormatException e) {
            String problem = value.matches("[-+]?\\d+") ? "too large" : "not " + what;
            throw new TypeConversionException("\"%s\" is %s".formatted(value, problem));
          }
        };
    root.registerConverter(type, converter);
    root.registerConverter(primitive, converter);
  }
}
