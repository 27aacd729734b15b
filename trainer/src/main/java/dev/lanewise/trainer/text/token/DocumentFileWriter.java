package dev.lanewise.trainer.text.token;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.Sha256;
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
import java.util.Arrays;

/**
 * Writes the two files of a {@link DocumentFile} in one pass. They appear under their names only
 * when they are complete and on the disk.
 */
public final class DocumentFileWriter implements Closeable {

  private static final int BUFFER_BYTES = 1 << 18;

  private final Path path;
  private final Path temporary;
  private final TokenFileWriter tokens;
  private final FileChannel channel;
  private final MessageDigest digest = Sha256.digest();
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private int[] lengths = new int[1 << 10];
  private int documents;
  private long ids;
  private long marks;

  /**
   * Begins files of ids of {@code tokenizer}; their folder has to be there.
   *
   * @param path of the token file
   */
  public DocumentFileWriter(Path path, Tokenizer tokenizer) throws IOException {
    this.path = DocumentFile.beside(path);
    this.temporary = DurableFiles.temporary(this.path);
    this.tokens = new TokenFileWriter(path, tokenizer);
    try {
      Files.deleteIfExists(temporary);
      this.channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      channel.position(DocumentFileHeader.BYTES);
    } catch (IOException e) {
      tokens.close();
      throw e;
    }
  }

  /**
   * Appends a document: as many of its ids as are worth anything, which are those up to the last
   * that counts. One that has none, but for the first id, is left out.
   *
   * @param from the first of its ids
   * @param end behind the last
   * @return whether it was written
   */
  public boolean add(int[] document, boolean[] counted, int from, int end) throws IOException {
    int last = end - 1;
    while (last > from && !counted[last]) {
      last--;
    }
    if (last <= from) {
      return false;
    }
    int length = last + 1 - from;
    tokens.accept(Arrays.copyOfRange(document, from, last + 1), length);
    // Nothing is before the first: it is never a target.
    mark(false);
    for (int i = from + 1; i <= last; i++) {
      mark(counted[i]);
    }
    if (documents == lengths.length) {
      lengths = Arrays.copyOf(lengths, Math.multiplyExact(2, documents));
    }
    lengths[documents++] = length;
    return true;
  }

  private void mark(boolean counted) throws IOException {
    marks |= counted ? 1L << (ids % Long.SIZE) : 0;
    ids++;
    if (ids % Long.SIZE == 0) {
      put(marks);
      marks = 0;
    }
  }

  private void put(long value) throws IOException {
    if (!buffer.hasRemaining()) {
      flush();
    }
    buffer.putLong(value);
  }

  private void flush() throws IOException {
    buffer.flip();
    digest.update(buffer.array(), 0, buffer.limit());
    DurableFiles.write(channel, buffer, path);
    buffer.clear();
  }

  /** Completes the files. */
  public void commit() throws IOException {
    if (ids % Long.SIZE != 0) {
      put(marks);
    }
    long end = 0;
    for (int document = 0; document < documents; document++) {
      end += lengths[document];
      put(end);
    }
    flush();
    String fingerprint = tokens.commit();
    ByteBuffer header = new DocumentFileHeader(documents, ids, fingerprint).encode(digest);
    channel.position(0);
    DurableFiles.write(channel, header, path);
    DurableFiles.moveIntoPlace(channel, temporary, path);
  }

  /** Drops files that have not been completed. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
      Files.deleteIfExists(temporary);
    } finally {
      tokens.close();
    }
  }
}
