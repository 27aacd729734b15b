package dev.lanewise.trainer.files;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.UnreadableFileException;
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

/**
 * Says in words that help what a file system has refused while something was written, and what to
 * do about it.
 */
public final class StorageProblem {

  private static final StorageProblem OF_A_RUN =
      new StorageProblem(
          "lower --keep",
          "choose another folder with --out",
          "the folder has vanished; it must not be moved, deleted or unmounted while it is written"
              + " to");

  private final String room;
  private final String elsewhere;
  private final String missing;

  /**
   * Makes advice.
   *
   * @param room what makes room on a disk besides freeing some
   * @param elsewhere how to write to another place
   * @param missing what to say if there is no folder
   */
  private StorageProblem(String room, String elsewhere, String missing) {
    this.room = room;
    this.elsewhere = elsewhere;
    this.missing = missing;
  }

  /**
   * Explains a failure of the file system while a run's folder was written to. What the program
   * itself has found wrong is returned as it is.
   */
  public static IOException explain(Path folder, IOException problem) {
    return OF_A_RUN.explained(folder, problem);
  }

  /**
   * Explains a failure of the file system while a result was written, as {@link #explain} does.
   *
   * @param option of the command, with which the user says where
   */
  public static IOException explain(Path file, IOException problem, String option) {
    String elsewhere = "choose another place with " + option;
    String missing = "there is no such folder; create it, or " + elsewhere;
    return new StorageProblem(elsewhere, elsewhere, missing).explained(file, problem);
  }

  /** Describes why something failed while {@code path}, which belongs to a run, was worked on. */
  public static String describe(Path path, Exception problem) {
    return OF_A_RUN.described(path, problem);
  }

  /** Whether it is of the file system, and not what the program itself has found wrong. */
  public static boolean isOne(IOException problem) {
    return problem instanceof FileSystemException || problem.getClass() == IOException.class;
  }

  private IOException explained(Path path, IOException problem) {
    return isOne(problem) ? new IOException(described(path, problem), problem) : problem;
  }

  private String described(Path path, Exception problem) {
    boolean ofStorage =
        problem instanceof ReadOnlyFileSystemException
            || (problem instanceof IOException
                && !(problem instanceof InvalidFileException)
                && !(problem instanceof UnreadableFileException));
    if (!ofStorage) {
      return reason(problem);
    }
    Path named = path;
    if (problem instanceof FileSystemException e && e.getFile() != null) {
      named = path.getFileSystem().getPath(e.getFile());
    }
    // The user knows the file, and not what it is called until it is whole.
    boolean unfinished = path.getFileName() != null && named.equals(DurableFiles.temporary(path));
    return (unfinished ? path : named) + ": " + advise(path, problem);
  }

  private String advise(Path path, Exception problem) {
    String reason = reason(problem);
    String lower = reason.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left") || lower.contains("not enough space")) {
      return "the disk is full%s; free some space, or %s".formatted(usableSpace(path), room);
    }
    if (lower.contains("quota")) {
      return "the disk quota is used up; free some space, or " + room;
    }
    if (problem instanceof ReadOnlyFileSystemException || lower.contains("read-only")) {
      return "the file system is read-only; make it writable, or " + elsewhere;
    }
    if (problem instanceof AccessDeniedException || lower.contains("permission denied")) {
      return "permission denied; let this user write there, or " + elsewhere;
    }
    if (problem instanceof NoSuchFileException || lower.contains("no such file")) {
      return missing;
    }
    if (problem instanceof NotDirectoryException || problem instanceof FileAlreadyExistsException) {
      return "there is a file where a folder is needed; move it away, or " + elsewhere;
    }
    if (problem instanceof AtomicMoveNotSupportedException) {
      return "the file system cannot rename in one step; " + elsewhere;
    }
    return reason + "; check the disk, or " + elsewhere;
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
