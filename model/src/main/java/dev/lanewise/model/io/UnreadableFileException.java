package dev.lanewise.model.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.Locale;

/**
 * A file that the system does not let us read, which says nothing about what is in it. The message
 * names the file, what the system said, and what to do.
 */
public final class UnreadableFileException extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * Describes a failure to open or to read.
   *
   * @param file its path, or what stands for it in messages
   */
  UnreadableFileException(String file, IOException problem) {
    super("%s: it cannot be read: %s".formatted(file, said(problem)), problem);
  }

  private static String said(IOException problem) {
    String reason = FileProblem.reason(problem);
    if (problem instanceof AccessDeniedException) {
      return reason + "; let this user read it";
    }
    return reason.toLowerCase(Locale.ROOT).contains("input/output error")
        ? reason + "; check the disk"
        : reason;
  }
}
