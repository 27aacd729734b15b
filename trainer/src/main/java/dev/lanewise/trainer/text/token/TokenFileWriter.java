package dev.lanewise.trainer.text.token;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.Sha256;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * Writes a token file in one pass. It appears under its name only when it is complete and on the
 * disk.
 */
public final class TokenFileWriter implements TokenSink, Closeable {

  private final Path path;
  private final Path temporary;
  private final int vocabularySize;
  private final String fingerprint;
  private final int idBytes;
  private final FileChannel channel;
  private final MessageDigest digest = Sha256.digest();
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18).order(ByteOrder.LITTLE_ENDIAN);
  private long count;

  /** Begins a file of ids of {@code tokenizer}; its folder has to be there. */
  public TokenFileWriter(Path path, Tokenizer tokenizer) throws IOException {
    this(path, tokenizer.vocabularySize(), tokenizer.fingerprint());
  }

  public TokenFileWriter(Path path, int vocabularySize, String fingerprint) throws IOException {
    this.path = path;
    this.temporary = DurableFiles.temporary(path);
    this.vocabularySize = vocabularySize;
    this.fingerprint = fingerprint;
    this.idBytes = new TokenFileHeader(0, vocabularySize, fingerprint).idBytes();
    // Whatever is left there, a pipe too, which would wait for a reader.
    Files.deleteIfExists(temporary);
    this.channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    channel.position(TokenFileHeader.BYTES);
  }

  /**
   * Appends ids[0..count).
   *
   * @throws IllegalArgumentException when an id is outside the vocabulary
   */
  @Override
  public void accept(int[] ids, int idCount) throws IOException {
    for (int i = 0; i < idCount; i++) {
      int id = ids[i];
      if (id < 0 || id >= vocabularySize) {
        throw new IllegalArgumentException(
            "token id %d is outside the vocabulary, 0 to %d".formatted(id, vocabularySize - 1));
      }
      if (buffer.remaining() < idBytes) {
        flush();
      }
      if (idBytes == Short.BYTES) {
        buffer.putShort((short) id);
      } else {
        buffer.putInt(id);
      }
    }
    count += idCount;
  }

  /**
   * Completes the file.
   *
   * @return its fingerprint
   */
  public String commit() throws IOException {
    flush();
    ByteBuffer header = new TokenFileHeader(count, vocabularySize, fingerprint).encode(digest);
    byte[] bytes = new byte[TokenFileHeader.BYTES];
    header.duplicate().get(bytes);
    channel.position(0);
    DurableFiles.write(channel, header, path);
    DurableFiles.moveIntoPlace(channel, temporary, path);
    return TokenFileHeader.digestOf(bytes);
  }

  private void flush() throws IOException {
    buffer.flip();
    digest.update(buffer.array(), 0, buffer.limit());
    DurableFiles.write(channel, buffer, path);
    buffer.clear();
  }

  /** Drops a file that has not been completed. */
  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(temporary);
  }
}
