package dev.lanewise.trainer.text.token;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The first {@value #BYTES} bytes of a file that says what is in a token file. Little-endian:
 *
 * <pre>
 *  0  8  magic "LANEDOCS"
 *  8  4  version, 1
 * 12  4  number of documents
 * 16  8  number of ids
 * 24  8  zero
 * 32 32  the token file's fingerprint
 * 64 32  SHA-256 of all that follows, followed by the 64 bytes above
 * 96     a bit for each id, from the lowest of a byte on: whether it counts; filled up with zeros to
 *        a multiple of 8 bytes
 *        for each document the id at which it ends (exclusive), 8 bytes; to the end of the file
 * </pre>
 *
 * @param tokens the token file's fingerprint, 64 hex digits
 */
record DocumentFileHeader(int documents, long ids, String tokens) {

  static final int BYTES = 96;

  private static final int SIGNED_BYTES = 64;
  private static final byte[] MAGIC = "LANEDOCS".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int FINGERPRINT_BYTES = 32;

  /** Returns the bytes that say which ids count. */
  long markBytes() {
    return Math.ceilDiv(ids, (long) Long.SIZE) * Long.BYTES;
  }

  /** The whole header. {@code digest} has seen all that follows. */
  ByteBuffer encode(MessageDigest digest) {
    ByteBuffer header = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).putInt(VERSION).putInt(documents).putLong(ids).putLong(0);
    header.put(HexFormat.of().parseHex(tokens));
    digest.update(header.array(), 0, SIGNED_BYTES);
    return header.put(digest.digest()).flip();
  }

  /**
   * Reads and checks a header, all but its digest.
   *
   * @param fileBytes the size of the file
   */
  static DocumentFileHeader decode(Path file, byte[] bytes, long fileBytes)
      throws InvalidTokenFileException {
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[MAGIC.length];
    header.get(magic);
    if (!MessageDigest.isEqual(magic, MAGIC)) {
      throw new InvalidTokenFileException(file, "magic", "this says nothing about documents");
    }
    int version = header.getInt();
    if (version != VERSION) {
      throw new InvalidTokenFileException(
          file, "version", version + ", this program reads version " + VERSION);
    }
    int documents = header.getInt();
    long ids = header.getLong();
    if (header.getLong() != 0) {
      throw new InvalidTokenFileException(file, "reserved", "not zero");
    }
    byte[] tokens = new byte[FINGERPRINT_BYTES];
    header.get(tokens);
    long room = fileBytes - BYTES;
    // Divided, because a product of what a file says may be more than a long.
    if (documents < 0 || ids < 0 || ids / Byte.SIZE > room || documents > room / Long.BYTES) {
      throw new InvalidTokenFileException(
          file,
          "number of documents",
          "%d of %d ids, but there are %d bytes after the header".formatted(documents, ids, room));
    }
    DocumentFileHeader decoded =
        new DocumentFileHeader(documents, ids, HexFormat.of().formatHex(tokens));
    if (decoded.markBytes() + (long) documents * Long.BYTES != room) {
      throw new InvalidTokenFileException(
          file,
          "number of documents",
          "%d of %d ids, but there are %d bytes after the header".formatted(documents, ids, room));
    }
    return decoded;
  }

  /**
   * The end of the digest's work: whether the file is as it was written. {@code digest} has seen
   * all that follows the header.
   */
  static boolean matches(byte[] header, MessageDigest digest) {
    digest.update(header, 0, SIGNED_BYTES);
    return MessageDigest.isEqual(digest.digest(), Arrays.copyOfRange(header, SIGNED_BYTES, BYTES));
  }

  /** The digest in a header, in hex. */
  static String digestOf(byte[] header) {
    return HexFormat.of().formatHex(header, SIGNED_BYTES, BYTES);
  }
}
