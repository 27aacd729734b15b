package dev.lanewise.trainer.text.token;

import dev.lanewise.model.io.RegularFile;
import dev.lanewise.model.memory.Batch;
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
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/**
 * Documents in two files that are mapped into memory: a {@link TokenFile} with the ids of all, one
 * after another, and beside it, under the ending {@code .documents}, which of them count and where
 * each document ends. What is called a document here is a part that is learned by itself: at least
 * two ids, of which the last counts. Closing it ends all reading.
 */
public final class DocumentFile implements AutoCloseable {

  private static final ValueLayout.OfLong END =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int CHECK_BYTES = 1 << 18;

  private final Path path;
  private final TokenFile tokens;
  private final DocumentFileHeader header;
  private final String digest;
  private final Arena arena;
  private final MemorySegment marks;
  private final MemorySegment ends;
  private long counted;
  private int longest;

  private DocumentFile(
      Path path,
      TokenFile tokens,
      DocumentFileHeader header,
      String digest,
      Arena arena,
      MemorySegment mapped) {
    this.path = path;
    this.tokens = tokens;
    this.header = header;
    this.digest = digest;
    this.arena = arena;
    this.marks = mapped.asSlice(DocumentFileHeader.BYTES, header.markBytes());
    this.ends = mapped.asSlice(DocumentFileHeader.BYTES + header.markBytes());
  }

  /** Returns the file beside a token file that says what is in it. */
  public static Path beside(Path tokens) {
    String name = tokens.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return tokens.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + ".documents");
  }

  /**
   * Opens both files after checking all of them, in bounded memory.
   *
   * @param tokens the token file
   * @param checked is told the bytes of each block
   * @throws InvalidTokenFileException when one is missing, cut or damaged, or they are not of each
   *     other
   */
  public static DocumentFile open(Path tokens, LongConsumer checked) throws IOException {
    TokenFile ids = TokenFile.open(tokens, checked);
    try {
      return open(ids, checked);
    } catch (IOException | RuntimeException e) {
      ids.close();
      throw e;
    }
  }

  private static DocumentFile open(TokenFile tokens, LongConsumer checked) throws IOException {
    Path path = beside(tokens.path());
    RegularFile.require(path, problem -> new InvalidTokenFileException(path, "file", problem));
    try (FileChannel channel = RegularFile.openChannel(path)) {
      long bytes = channel.size();
      ByteBuffer head = ByteBuffer.allocate(DocumentFileHeader.BYTES);
      readFully(path, channel, head, 0);
      DocumentFileHeader header = DocumentFileHeader.decode(path, head.array(), bytes);
      if (header.ids() != tokens.size() || !header.tokens().equals(tokens.fingerprint())) {
        throw new InvalidTokenFileException(
            path, "tokens", "it says what is in another file than the one beside it");
      }
      if (!DocumentFileHeader.matches(head.array(), digest(path, channel, bytes, checked))) {
        throw new InvalidTokenFileException(
            path, "SHA-256", "the file is damaged: it is not as it was written");
      }
      String digest = DocumentFileHeader.digestOf(head.array());
      Arena arena = Arena.ofShared();
      try {
        MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena);
        DocumentFile file = new DocumentFile(path, tokens, header, digest, arena, mapped);
        file.check();
        return file;
      } catch (IOException | RuntimeException | InternalError e) {
        arena.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw new InvalidTokenFileException(path, "file", "missing");
    }
  }

  private static MessageDigest digest(
      Path path, FileChannel channel, long bytes, LongConsumer checked) throws IOException {
    MessageDigest digest = Sha256.digest();
    ByteBuffer block = ByteBuffer.allocate(CHECK_BYTES);
    long at = DocumentFileHeader.BYTES;
    while (at < bytes) {
      block.clear().limit((int) Math.min(CHECK_BYTES, bytes - at));
      readFully(path, channel, block, at);
      digest.update(block.array(), 0, block.limit());
      at += block.limit();
      checked.accept(block.limit());
    }
    return digest;
  }

  private static void readFully(Path path, FileChannel channel, ByteBuffer target, long position)
      throws IOException {
    while (target.hasRemaining()) {
      if (channel.read(target, position + target.position()) < 0) {
        throw new InvalidTokenFileException(path, "file", "it is too short");
      }
    }
  }

  /** What has a right SHA-256 can still have been written by somebody else. */
  private void check() throws InvalidTokenFileException {
    long before = 0;
    for (int document = 0; document < header.documents(); document++) {
      long end = ends.get(END, (long) document * Long.BYTES);
      if (end < before + 2 || end > header.ids() || end - before > Integer.MAX_VALUE) {
        throw new InvalidTokenFileException(
            path, "document " + document, "it cannot end at id " + end);
      }
      if (!isCounted(end - 1)) {
        throw new InvalidTokenFileException(
            path, "document " + document, "its last id does not count");
      }
      if (isCounted(before)) {
        throw new InvalidTokenFileException(
            path, "document " + document, "its first id counts, and nothing is before it");
      }
      longest = Math.max(longest, (int) (end - before));
      before = end;
    }
    if (before != header.ids()) {
      throw new InvalidTokenFileException(
          path, "documents", "they end at id %d of %d".formatted(before, header.ids()));
    }
    for (long at = 0; at < marks.byteSize(); at += Long.BYTES) {
      counted += Long.bitCount(marks.get(END, at));
    }
    for (long id = header.ids(); id < marks.byteSize() * Byte.SIZE; id++) {
      if (isCounted(id)) {
        throw new InvalidTokenFileException(path, "id " + id, "it counts, and is not there");
      }
    }
  }

  private boolean isCounted(long id) {
    return (marks.get(ValueLayout.JAVA_BYTE, id >>> 3) >>> (id & 7) & 1) != 0;
  }

  /** Returns how many documents there are. */
  public int documents() {
    return header.documents();
  }

  /** Returns how many ids count. */
  public long counted() {
    return counted;
  }

  /** Returns the ids of the longest document. */
  public int longest() {
    return longest;
  }

  /** Returns the ids of all documents. */
  public TokenFile tokens() {
    return tokens;
  }

  /** Returns SHA-256, in hex, over ids, tokenizer, what counts and where documents end. */
  public String fingerprint() {
    return digest;
  }

  /** Returns how many ids of a document have one after them: the rows that it takes in a step. */
  public int rows(int document) {
    return (int) (end(document) - start(document)) - 1;
  }

  /** Returns how many ids of a document count. */
  int counted(int document) {
    int sum = 0;
    for (long id = start(document); id < end(document); id++) {
      sum += isCounted(id) ? 1 : 0;
    }
    return sum;
  }

  /** Passes on each id that counts, in order. */
  public void forEachCounted(IntConsumer consumer) {
    for (long id = 0; id < header.ids(); id++) {
      if (isCounted(id)) {
        consumer.accept(tokens.get(id));
      }
    }
  }

  private long start(int document) {
    return document == 0 ? 0 : end(document - 1);
  }

  private long end(int document) {
    Objects.checkIndex(document, header.documents());
    try {
      return ends.get(END, (long) document * Long.BYTES);
    } catch (InternalError e) {
      throw cut();
    }
  }

  /**
   * Copies a document's rows: its ids, and what is to follow each, or {@link Batch#UNCOUNTED}.
   * Allocates nothing.
   */
  void copy(int document, int[] ids, int[] following, int offset) {
    int rows = rows(document);
    long start = start(document);
    tokens.copy(start, rows, ids, offset);
    tokens.copy(start + 1, rows, following, offset);
    try {
      for (int i = 0; i < rows; i++) {
        if (!isCounted(start + 1 + i)) {
          following[offset + i] = Batch.UNCOUNTED;
        }
      }
    } catch (InternalError e) {
      throw cut();
    }
  }

  /** What the JVM makes of a page that is no longer behind the mapping. */
  private UncheckedIOException cut() {
    return new UncheckedIOException(
        new InvalidTokenFileException(
            path, "file", "it was cut, or cannot be read any more, while it was in use"));
  }

  @Override
  public void close() {
    arena.close();
    tokens.close();
  }
}
