package dev.lanewise.trainer.text.tokenizer;

import dev.lanewise.trainer.files.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * SHA-256 over a sequence of values, each of a fixed or stated length, so that no two sequences
 * read the same.
 */
public final class Fingerprint {

  private final MessageDigest digest = Sha256.digest();
  private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

  public Fingerprint(String kind) {
    add(kind);
  }

  public void add(long value) {
    digest.update(number.putLong(0, value).array());
  }

  public void add(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    digest.update(bytes);
  }

  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
