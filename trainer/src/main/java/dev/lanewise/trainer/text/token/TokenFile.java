package dev.lanewise.trainer.text.token;

import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * Token ids in a file, mapped into memory: a corpus may be larger than the heap. Closing it ends
 * all reading.
 */
public final class TokenFile implements TokenSequence, AutoCloseable {

  private static final ValueLayout.OfShort SHORT_ID =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT_ID =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int CHECK_BYTES = 1 << 18;

  private final Path path;
  private final TokenFileHeader header;
  private final String digest;
  private final Arena arena;
  private final MemorySegment ids;
  private final boolean shortIds;

  private TokenFile(
      Path path, TokenFileHeader header, String digest, Arena arena, MemorySegment ids) {
    this.path = path;
    this.header = header;
    this.digest = digest;
    this.arena = arena;
    this.ids = ids;
    this.shortIds = header.idBytes() == Short.BYTES;
  }

  /**
   * Opens a file after checking all of it, in bounded memory.
   *
   * @throws InvalidTokenFileException when it is missing, cut, damaged, or has an id that its
   *     vocabulary does not have
   */
  public static TokenFile open(Path path) throws IOException {
    return open(path, bytes -> {});
  }

  /**
   * As {@link #open(Path)}.
   *
   * @param checked is told the bytes of each block
   */
  public static TokenFile open(Path path, LongConsumer checked) throws IOException {
    RegularFile.require(path, problem -> new InvalidTokenFileException(path, "file", problem));
    try (FileChannel channel = RegularFile.openChannel(path)) {
      long fileBytes = channel.size();
      byte[] head = new byte[TokenFileHeader.BYTES];
      if (fileBytes < TokenFileHeader.BYTES
          || readFully(channel, ByteBuffer.wrap(head), 0) < TokenFileHeader.BYTES) {
        throw new InvalidTokenFileException(
            path, "header", "%d bytes are too few for one".formatted(fileBytes));
      }
      TokenFileHeader header = TokenFileHeader.decode(path, head, fileBytes);
      MessageDigest digest = digestIds(path, channel, header, checked);
      if (!TokenFileHeader.matches(head, digest)) {
        throw new InvalidTokenFileException(
            path, "SHA-256", "the file is damaged: it is not as it was written");
      }
      Arena arena = Arena.ofShared();
      try {
        MemorySegment ids =
            channel
                .map(FileChannel.MapMode.READ_ONLY, 0, fileBytes, arena)
                .asSlice(TokenFileHeader.BYTES);
        return new TokenFile(path, header, TokenFileHeader.digestOf(head), arena, ids);
      } catch (IOException | RuntimeException e) {
        arena.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw new InvalidTokenFileException(path, "file", "missing");
    }
  }

  /** A digest that has seen all ids, each of which has been found to be in the vocabulary. */
  private static MessageDigest digestIds(
      Path path, FileChannel channel, TokenFileHeader header, LongConsumer checked)
      throws IOException {
    MessageDigest digest = Sha256.digest();
    ByteBuffer block = ByteBuffer.allocate(CHECK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    long position = 0;
    long end = header.count() * header.idBytes();
    while (position < end) {
      block.clear().limit((int) Math.min(CHECK_BYTES, end - position));
      int read = readFully(channel, block, TokenFileHeader.BYTES + position);
      if (read < block.limit()) {
        throw new InvalidTokenFileException(
            path, "ids", "the file became shorter while it was read");
      }
      block.flip();
      while (block.hasRemaining()) {
        int id = header.idBytes() == Short.BYTES ? block.getShort() & 0xFFFF : block.getInt();
        if (id < 0 || id >= header.vocabularySize()) {
          throw new InvalidTokenFileException(
              path,
              "id %d".formatted((position + block.position()) / header.idBytes() - 1),
              "%d is outside the vocabulary, 0 to %d"
                  .formatted(Integer.toUnsignedLong(id), header.vocabularySize() - 1));
        }
      }
      digest.update(block.array(), 0, read);
      position += read;
      checked.accept(read);
    }
    return digest;
  }

  private static int readFully(FileChannel channel, ByteBuffer target, long position)
      throws IOException {
    while (target.hasRemaining()) {
      if (channel.read(target, position + target.position()) < 0) {
        break;
      }
    }
    return target.position();
  }

  @Override
  public long size() {
    return header.count();
  }

  @Override
  public int vocabularySize() {
    return header.vocabularySize();
  }

  /** The fingerprint of the tokenizer that made the ids. */
  public String tokenizerFingerprint() {
    return header.fingerprint();
  }

  /** SHA-256, in hex, over ids, vocabulary size and tokenizer. */
  public String fingerprint() {
    return digest;
  }

  /** The file. */
  public Path path() {
    return path;
  }

  @Override
  public int get(long i) {
    int[] one = new int[1];
    copy(i, 1, one, 0);
    return one[0];
  }

  @Override
  public void copy(long from, int count, int[] target, int targetOffset) {
    Objects.checkFromIndexSize(from, (long) count, size());
    Objects.checkFromIndexSize(targetOffset, count, target.length);
    try {
      read(from, count, target, targetOffset);
    } catch (InternalError e) {
      // What the JVM makes of a page that is no longer behind the mapping.
      throw new UncheckedIOException(
          new InvalidTokenFileException(
              path, "ids", "the file was cut, or cannot be read any more, while it was in use"));
    }
  }

  private void read(long from, int count, int[] target, int targetOffset) {
    if (shortIds) {
      for (int i = 0; i < count; i++) {
        target[targetOffset + i] = ids.get(SHORT_ID, (from + i) * Short.BYTES) & 0xFFFF;
      }
    } else {
      for (int i = 0; i < count; i++) {
        target[targetOffset + i] = ids.get(INT_ID, (from + i) * Integer.BYTES);
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
