package dev.lanewise.trainer.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Operations on files and folders that have to last. All go through the file system of the path, so
 * that a test can put one underneath that fails.
 */
public final class DurableFiles {

  /** A file of its own, also if another process has just begun one of the name. */
  private static final Set<OpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private DurableFiles() {}

  /** What is written into a file. */
  @FunctionalInterface
  public interface Content {

    /** Writes all of it, from where the channel stands. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /** Writes a small file so that there is the old or the new one, whatever happens meanwhile. */
  public static void replace(Path file, byte[] content) throws IOException {
    replace(file, channel -> write(channel, ByteBuffer.wrap(content), file));
  }

  /**
   * Writes a file so that there is the old or the new one, whatever happens meanwhile. Of one that
   * could not be written nothing stays.
   *
   * @throws FileSystemException that names the file, whatever of it the file system refused
   */
  public static void replace(Path file, Content content) throws IOException {
    Path temporary = temporary(file);
    // What is there under its name is ours from here on.
    FileChannel opened = FileChannel.open(fresh(temporary), NEW);
    try (FileChannel channel = opened) {
      content.writeTo(channel);
      moveIntoPlace(channel, temporary, file);
    } catch (IOException e) {
      deleteUnfinished(temporary, e);
      throw naming(file, e);
    } catch (RuntimeException | Error e) {
      deleteUnfinished(temporary, e);
      throw e;
    }
  }

  /**
   * Writes a file that nobody looks for yet, and waits until it is on the disk.
   *
   * @throws FileSystemException that names the file
   */
  public static void write(Path file, String content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      write(channel, StandardCharsets.UTF_8.encode(content), file);
      channel.force(true);
    } catch (IOException e) {
      throw naming(file, e);
    }
  }

  /**
   * Writes all that a buffer holds, where the channel stands.
   *
   * @param file that the channel belongs to, or that it will become
   * @throws FileSystemException that names the file
   */
  public static void write(FileChannel channel, ByteBuffer bytes, Path file) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw naming(file, e);
    }
  }

  /**
   * Deletes a file, or a folder with all that is in it, that could not be written to its end.
   *
   * @param cause why; it is told of a failure to delete, which is of no use to anybody else
   */
  public static void deleteUnfinished(Path path, Throwable cause) {
    try {
      deleteTree(path);
    } catch (IOException | RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  /** A channel does not say of which file it is. */
  private static IOException naming(Path file, IOException problem) {
    if (problem.getClass() != IOException.class) {
      return problem;
    }
    FileSystemException named =
        new FileSystemException(file.toString(), null, problem.getMessage());
    named.initCause(problem);
    return named;
  }

  /** Makes room for a file: what a program left that was killed, or a pipe, but no full folder. */
  private static Path fresh(Path file) throws IOException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.delete(file);
    }
    return file;
  }

  /** As {@link #replace(Path, byte[])}, with text in UTF-8. */
  public static void replace(Path file, String content) throws IOException {
    replace(file, content.getBytes(StandardCharsets.UTF_8));
  }

  /** The name under which a file is written until it is whole. */
  public static Path temporary(Path file) {
    return file.resolveSibling(file.getFileName() + ".tmp");
  }

  /**
   * Gives a file that is whole its name. Renamed before its content is on the disk, it might be
   * empty after a power failure.
   *
   * @param channel to the file; it is closed
   * @throws FileSystemException that names the file
   */
  public static void moveIntoPlace(FileChannel channel, Path temporary, Path file)
      throws IOException {
    try {
      channel.force(true);
      channel.close();
    } catch (IOException e) {
      throw naming(file, e);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Waits until a file is on the disk, and returns what it holds. */
  public static FileDigest force(Path file) throws IOException {
    // Open for writing, because Windows flushes only such files.
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      channel.force(true);
      return FileDigest.of(channel, bytes -> {});
    }
  }

  /** Waits until a file is on the disk, whatever it holds. */
  public static void forceUnread(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Waits until a folder's list of names is on the disk. */
  public static void forceFolder(Path folder) throws IOException {
    // Windows has no such operation, and journals its names by itself.
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** Creates a folder, and those it is in, and waits until their names are on the disk. */
  public static void createFolders(Path folder) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    Path ancestor = folder.toAbsolutePath();
    while (ancestor != null && !Files.exists(ancestor)) {
      missing.push(ancestor);
      ancestor = ancestor.getParent();
    }
    Files.createDirectories(folder);
    for (Path created : missing) {
      forceFolder(created.getParent());
    }
  }

  /** Deletes a folder with all that is in it, if it is there. Links are deleted, not followed. */
  public static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException problem)
              throws IOException {
            if (problem != null) {
              throw problem;
            }
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
