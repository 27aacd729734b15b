package dev.lanewise.trainer.files;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Makes the digest that all of Lanewise's files are signed with. */
public final class Sha256 {

  private Sha256() {}

  /** Returns a digest of nothing yet. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
