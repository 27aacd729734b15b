package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.settings.InvalidConfigException;
import dev.lanewise.trainer.step.NonFiniteException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** Says what went wrong in words for users. */
final class Failure {

  private Failure() {}

  /** Whether it was the command line, or a file that it names, that asked for the impossible. */
  static boolean isWrongCall(Throwable failure) {
    return failure instanceof InvalidConfigException;
  }

  static String explain(Throwable failure) {
    if (failure instanceof UncheckedIOException || failure instanceof ExceptionInInitializerError) {
      return failure.getCause() == null ? internal(failure) : explain(failure.getCause());
    }
    if (failure instanceof OutOfMemoryError) {
      return outOfMemory();
    }
    if (failure instanceof FileSystemException e) {
      return explainFile(e);
    }
    boolean meantForUsers =
        failure instanceof IOException
            || failure instanceof IllegalArgumentException
            || failure instanceof IllegalStateException
            || failure instanceof NonFiniteException;
    return meantForUsers && failure.getMessage() != null ? failure.getMessage() : internal(failure);
  }

  private static String explainFile(FileSystemException failure) {
    if (failure instanceof NoSuchFileException) {
      return failure.getFile() + ": no such file or folder";
    }
    if (failure instanceof AccessDeniedException) {
      return failure.getFile() + ": permission denied";
    }
    if (failure instanceof NotDirectoryException) {
      return failure.getFile() + ": not a folder";
    }
    String reason = failure.getReason() == null ? "cannot be used" : failure.getReason();
    return failure.getFile() + ": " + reason;
  }

  private static String outOfMemory() {
    return String.format(
        Locale.ROOT,
        "out of memory: the heap may grow to %s. Allow more, for example%n"
            + "  LANEWISE_JAVA_OPTS=-Xmx%dg ./lanewise ...%n"
            + "or take a smaller --batch, --context or --d-model.",
        Amounts.bytes(Runtime.getRuntime().maxMemory()),
        Math.max(2, 2 * (Runtime.getRuntime().maxMemory() >> 30)));
  }

  private static String internal(Throwable failure) {
    return "this is a bug in Lanewise: " + failure + " (--debug shows where)";
  }
}
