package dev.lanewise.trainer.cli;

import dev.lanewise.model.io.FileProblem;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Stack;
import picocli.CommandLine;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * Makes an option take its value as it was typed, whatever it begins with: {@code --prompt --seed}
 * has a prompt of six letters. The value is marked with a character that no argument can have, so
 * that picocli sees no option in it, and the converters take the mark off again.
 */
final class Verbatim implements IParameterPreprocessor {
  private static final String MARK = "\0";

  @Override
  public boolean preprocess(
      Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
    if (!args.isEmpty()) {
      args.push(MARK + args.pop());
    }
    return false;
  }

  /** Has the commands of a command line, which are added before this, convert what was marked. */
  static void registerConverters(CommandLine root) {
    root.registerConverter(String.class, Verbatim::text);
    root.registerConverter(Path.class, Verbatim::path);
  }

  /** Returns a value as it was typed. */
  static String text(String value) {
    return value.startsWith(MARK) ? value.substring(MARK.length()) : value;
  }

  /** An empty name, as of a variable that a script forgot to set, would be the current folder. */
  private static Path path(String value) {
    if (text(value).isEmpty()) {
      throw new TypeConversionException("it is empty; name a file or a folder");
    }
    try {
      return Path.of(text(value));
    } catch (InvalidPathException e) {
      throw new TypeConversionException(FileProblem.explain(e));
    }
  }
}
