package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.model.io.InvalidFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;

/**
 * Operations on files and folders that have to last. All go through the file system of the path, so
 * that a test can put one underneath that fails.
 */
final class PlainFiles {

  private static final int BLOCK = 1 << 18;

  private PlainFiles() {}

  /** The bytes of a regular file of at most {@code limit} bytes. */
  static byte[] readSmall(Path file, int limit) throws IOException {
    requireRegular(file);
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(limit + 1);
    }
    if (bytes.length > limit) {
      throw new InvalidFileException(file, "", "larger than " + limit + " bytes");
    }
    return bytes;
  }

  /**
   * Checks that there is a file to read: reading a pipe or a device might never end.
   *
   * @throws InvalidFileException if there is not
   */
  static void requireRegular(Path file) throws InvalidFileException {
    if (!Files.exists(file)) {
      throw new InvalidFileException(file, "", "missing");
    }
    if (!Files.isRegularFile(file)) {
      throw new InvalidFileException(file, "", "not a regular file");
    }
  }

  /** Writes a new file and waits until it is on the disk. */
  static void writeDurably(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /** Waits until a file is on the disk, and returns what it holds. */
  static Manifest.Entry force(Path file) throws IOException {
    // Open for writing, because Windows flushes only such files.
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      channel.force(true);
      return digest(channel);
    }
  }

  /** Returns what a file holds. */
  static Manifest.Entry digest(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return digest(channel);
    }
  }

  private static Manifest.Entry digest(FileChannel channel) throws IOException {
    MessageDigest digest = sha256();
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    long size = 0;
    while (channel.read(block) >= 0) {
      size += block.position();
      digest.update(block.array(), 0, block.position());
      block.clear();
    }
    return new Manifest.Entry(size, HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Waits until a folder's list of names is on the disk. */
  static void forceFolder(Path folder) throws IOException {
    // Windows has no such operation, and journals its names by itself.
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** Creates a folder, and those it is in, and waits until their names are on the disk. */
  static void createFolders(Path folder) throws IOException {
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
  static void deleteTree(Path folder) throws IOException {
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
