package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.model.io.InvalidFileException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Locale;

/** Says in words that help what a file system has refused, and what to do about it. */
public final class StorageProblem {

  private StorageProblem() {}

  /**
   * Explains a failure of the file system while a folder was written to. What the program itself
   * has found wrong is returned as it is.
   */
  public static IOException explain(Path folder, IOException problem) {
    boolean ofStorage =
        problem instanceof FileSystemException || problem.getClass() == IOException.class;
    return ofStorage ? new IOException(describe(folder, problem), problem) : problem;
  }

  /** Describes why something failed while {@code path} was worked on. */
  static String describe(Path path, Exception problem) {
    boolean ofStorage =
        problem instanceof ReadOnlyFileSystemException
            || (problem instanceof IOException && !(problem instanceof InvalidFileException));
    if (!ofStorage) {
      return reason(problem);
    }
    Path named = path;
    if (problem instanceof FileSystemException e && e.getFile() != null) {
      named = path.getFileSystem().getPath(e.getFile());
    }
    return named + ": " + advise(path, problem);
  }

  private static String advise(Path path, Exception problem) {
    String reason = reason(problem);
    String lower = reason.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left") || lower.contains("not enough space")) {
      return "the disk is full" + usableSpace(path) + "; free some space, or lower --keep";
    }
    if (lower.contains("quota")) {
      return "the disk quota is used up; free some space, or lower --keep";
    }
    if (problem instanceof ReadOnlyFileSystemException || lower.contains("read-only")) {
      return "the file system is read-only; make it writable, or choose another folder with --out";
    }
    if (problem instanceof AccessDeniedException || lower.contains("permission denied")) {
      return "permission denied; let this user write there, or choose another folder with --out";
    }
    if (problem instanceof NoSuchFileException || lower.contains("no such file")) {
      return "the folder has vanished; it must not be moved, deleted or unmounted while a run uses"
          + " it";
    }
    if (problem instanceof NotDirectoryException || problem instanceof FileAlreadyExistsException) {
      return "there is a file where a folder is needed; move it away, or choose another folder with"
          + " --out";
    }
    if (problem instanceof AtomicMoveNotSupportedException) {
      return "the file system cannot rename a folder in one step; choose another one with --out";
    }
    return reason + "; check the disk, or choose another folder with --out";
  }

  private static String reason(Exception problem) {
    if (problem instanceof FileSystemException e && e.getReason() != null) {
      return e.getReason();
    }
    return problem.getMessage() == null ? problem.getClass().getSimpleName() : problem.getMessage();
  }

  private static String usableSpace(Path path) {
    try {
      Path folder = path.getParent();
      long bytes = Files.getFileStore(folder == null ? path : folder).getUsableSpace();
      return " (" + (bytes >> 20) + " MiB are left)";
    } catch (IOException | RuntimeException e) {
      return "";
    }
  }
}
