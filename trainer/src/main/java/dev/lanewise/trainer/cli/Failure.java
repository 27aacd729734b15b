package dev.lanewise.trainer.cli;

import dev.lanewise.model.io.FileProblem;
import dev.lanewise.trainer.settings.InvalidConfigException;
import dev.lanewise.trainer.step.NonFiniteException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.util.Locale;

/** Says what went wrong in words for users. */
final class Failure {

  private Failure() {}

  /** Whether it was the command line, or a file that it names, that asked for the impossible. */
  static boolean isWrongCall(Throwable failure) {
    return failure instanceof InvalidConfigException;
  }

  /**
   * Explains a failure.
   *
   * @param command the command that failed, by name
   */
  static String explain(String command, Throwable failure) {
    if (failure instanceof UncheckedIOException || failure instanceof ExceptionInInitializerError) {
      return failure.getCause() == null ? internal(failure) : explain(command, failure.getCause());
    }
    if (failure instanceof OutOfMemoryError) {
      return outOfMemory(command, failure);
    }
    if (failure instanceof FileSystemException e) {
      return FileProblem.explain(e);
    }
    if (failure instanceof InvalidPathException e) {
      return FileProblem.explain(e);
    }
    boolean meantForUsers =
        failure instanceof IOException
            || failure instanceof IllegalArgumentException
            || failure instanceof IllegalStateException
            || failure instanceof NonFiniteException;
    return meantForUsers && failure.getMessage() != null ? failure.getMessage() : internal(failure);
  }

  private static String outOfMemory(String command, Throwable failure) {
    String cause = failure.getMessage() == null ? "" : failure.getMessage();
    if (cause.contains("thread")) {
      return "the system gives no more threads: take fewer with --threads, or allow more"
          + " (ulimit -u, or the limit of pids of the container)";
    }
    if (!cause.isEmpty() && !cause.contains("heap space") && !cause.contains("overhead limit")) {
      return "out of memory: " + cause;
    }
    return String.format(
        Locale.ROOT,
        "out of memory: the heap may grow to %s. Allow more, for example%n"
            + "  LANEWISE_JAVA_OPTS=-Xmx%dg ./lanewise %s ...%s",
        Amounts.bytes(Runtime.getRuntime().maxMemory()),
        Math.max(2, 2 * (Runtime.getRuntime().maxMemory() >> 30)),
        command,
        advice(command));
  }

  /** What else takes less memory, in the options of the command. */
  private static String advice(String command) {
    return switch (command) {
      case "train" ->
          String.format(
              "%nor take a smaller --batch, --context or --d-model, fewer --threads, or"
                  + " --recompute on.");
      case "bench" -> String.format("%nor take a smaller --batch, or fewer --threads.");
      case "generate" -> String.format("%nor take a smaller --max-tokens.");
      case "chat" -> String.format("%nor take a smaller --context.");
      case "eval" -> String.format("%nor take fewer --threads.");
      default -> "";
    };
  }

  private static String internal(Throwable failure) {
    return "this is a bug in Lanewise: " + failure + " (--debug shows where)";
  }
}
