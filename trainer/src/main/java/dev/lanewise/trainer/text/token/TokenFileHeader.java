package dev.lanewise.trainer.text.token;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The first {@value #BYTES} bytes of a token file. Little-endian:
 *
 * <pre>
 *  0  8  magic "LANETOKN"
 *  8  4  version, 1
 * 12  4  bytes per id: 2 for vocabularies up to 65536, else 4
 * 16  8  number of ids
 * 24  4  vocabulary size
 * 28  4  zero
 * 32 32  the tokenizer's fingerprint
 * 64 32  SHA-256 of all ids as they stand in the file, followed by the 64 bytes above
 * 96     the ids, to the end of the file
 * </pre>
 *
 * @param fingerprint the tokenizer's, 64 hex digits
 */
record TokenFileHeader(long count, int vocabularySize, String fingerprint) {

  static final int BYTES = 96;

  private static final int SIGNED_BYTES = 64;
  private static final byte[] MAGIC = "LANETOKN".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int FINGERPRINT_BYTES = 32;
  private static final int SHORT_IDS = 1 << 16;

  int idBytes() {
    return vocabularySize <= SHORT_IDS ? Short.BYTES : Integer.BYTES;
  }

  /** The whole header. {@code digest} has seen the ids. */
  ByteBuffer encode(MessageDigest digest) {
    ByteBuffer header = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header
        .put(MAGIC)
        .putInt(VERSION)
        .putInt(idBytes())
        .putLong(count)
        .putInt(vocabularySize)
        .putInt(0);
    header.put(HexFormat.of().parseHex(fingerprint));
    digest.update(header.array(), 0, SIGNED_BYTES);
    return header.put(digest.digest()).flip();
  }

  /**
   * Reads and checks a header, all but its digest.
   *
   * @param bytes {@value #BYTES} of them
   * @param fileBytes the size of the file
   */
  static TokenFileHeader decode(Path file, byte[] bytes, long fileBytes)
      throws InvalidTokenFileException {
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[MAGIC.length];
    header.get(magic);
    if (!MessageDigest.isEqual(magic, MAGIC)) {
      throw new InvalidTokenFileException(file, "magic", "this is not a token file");
    }
    int version = header.getInt();
    if (version != VERSION) {
      throw new InvalidTokenFileException(
          file, "version", version + ", this program reads version " + VERSION);
    }
    int idBytes = header.getInt();
    long count = header.getLong();
    int vocabularySize = header.getInt();
    int zero = header.getInt();
    byte[] fingerprint = new byte[FINGERPRINT_BYTES];
    header.get(fingerprint);
    if (vocabularySize < 1) {
      throw new InvalidTokenFileException(
          file, "vocabulary size", vocabularySize + " is less than 1");
    }
    TokenFileHeader decoded =
        new TokenFileHeader(count, vocabularySize, HexFormat.of().formatHex(fingerprint));
    if (idBytes != decoded.idBytes()) {
      throw new InvalidTokenFileException(
          file,
          "bytes per id",
          "%d, but a vocabulary of %d has %d"
              .formatted(idBytes, vocabularySize, decoded.idBytes()));
    }
    if (zero != 0) {
      throw new InvalidTokenFileException(file, "reserved", "not zero");
    }
    long room = fileBytes - BYTES;
    if (count < 0 || count > room / idBytes || count * idBytes != room) {
      throw new InvalidTokenFileException(
          file,
          "number of ids",
          "%d of %d bytes each, but there are %d bytes after the header"
              .formatted(count, idBytes, room));
    }
    return decoded;
  }

  /**
   * The end of the digest's work: whether the file is as it was written. {@code digest} has seen
   * the ids.
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
