package dev.lanewise.model.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.function.Function;

/**
 * What has to be asked before a file from elsewhere is opened: opening a pipe waits for a writer, a
 * device may have no end, and a folder gives an error that does not name it.
 */
public final class RegularFile {

  private static final byte[] POINTER =
      "version https://git-lfs".getBytes(StandardCharsets.US_ASCII);

  private RegularFile() {}

  /**
   * Requires that what is at a path, if anything is, can be read from beginning to end.
   *
   * @param problem makes the exception that the reader of the file throws, of what is wrong
   * @throws E if it is a folder, a pipe or a device
   */
  public static <E extends Exception> void require(Path file, Function<String, E> problem)
      throws E {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw problem.apply("not a regular file");
    }
  }

  /**
   * Whether there is anything at a path. What cannot be looked at is not taken for missing, as
   * {@link Files#exists} does: what is done where nothing is may do harm to what is there.
   *
   * @throws IOException if it cannot be told
   */
  public static boolean isThere(Path path) throws IOException {
    try {
      Files.readAttributes(path, BasicFileAttributes.class);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /**
   * Requires that there is a file that can be read from beginning to end.
   *
   * @throws InvalidFileException if there is not
   * @throws UnreadableFileException if it may not be looked at
   */
  public static void require(Path file) throws IOException {
    boolean there;
    try {
      there = isThere(file);
    } catch (AccessDeniedException e) {
      throw new UnreadableFileException(file.toString(), e);
    } catch (IOException e) {
      // A name that is too long, or a link to itself.
      there = false;
    }
    if (!there) {
      throw new InvalidFileException(file, "", "the file is missing");
    }
    require(file, problem -> new InvalidFileException(file, "", problem));
  }

  /**
   * Opens a file to read it. What goes wrong then, in the middle too, is told apart from what is
   * wrong with its content, and from what goes wrong where something is written meanwhile.
   *
   * @throws NoSuchFileException if it is not there
   * @throws UnreadableFileException if the system does not let us; reading throws it too
   */
  public static InputStream open(Path file) throws IOException {
    try {
      return reading(file.toString(), Files.newInputStream(file));
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      throw new UnreadableFileException(file.toString(), e);
    }
  }

  /** As {@link #open}, of a stream that is open already. */
  public static InputStream reading(String name, InputStream in) {
    return new ReadingStream(name, in);
  }

  /** As {@link #open}, with a channel; only opening it is told apart. */
  public static FileChannel openChannel(Path file) throws IOException {
    try {
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      throw new UnreadableFileException(file.toString(), e);
    }
  }

  /**
   * Reads a small file.
   *
   * @param most bytes that it may have
   * @throws InvalidFileException if it is missing, larger, or not a regular file
   */
  public static byte[] read(Path file, int most) throws IOException {
    require(file);
    byte[] bytes;
    try (InputStream in = open(file)) {
      bytes = in.readNBytes(most + 1);
    }
    if (bytes.length > most) {
      throw new InvalidFileException(file, "", "larger than " + most + " bytes");
    }
    requireNoPointer(file, bytes);
    return bytes;
  }

  /**
   * Requires that a file is not what Git LFS leaves in its place.
   *
   * @param bytes all of it, or its beginning
   */
  public static void requireNoPointer(Path file, byte[] bytes) throws InvalidFileException {
    int n = Math.min(bytes.length, POINTER.length);
    if (n == POINTER.length && Arrays.equals(bytes, 0, n, POINTER, 0, n)) {
      throw pointer(file);
    }
  }

  static InvalidFileException pointer(Path file) {
    return new InvalidFileException(
        file,
        "",
        "only a pointer of Git LFS, not the file itself; get it with \"git lfs pull\", or download it");
  }

  /** Reads a small file as {@link #read} does, which has to be text in UTF-8. */
  public static String readText(Path file, int most) throws IOException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(read(file, most)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new InvalidFileException(file, "", "not valid UTF-8", e);
    }
  }
}
