package dev.lanewise.trainer.text.tokenizer.bytefallback;

import java.util.Locale;
import java.util.regex.Pattern;

/** The names of the tokens that stand for one byte each, {@code <0x00>} to {@code <0xFF>}. */
public final class ByteTokens {

  /** How many there are. */
  public static final int COUNT = 256;

  /** Decoders read small letters too, encoders do not write them. */
  private static final Pattern NAME = Pattern.compile("<0x[0-9A-Fa-f]{2}>");

  private ByteTokens() {}

  /** The name of the token of {@code b & 0xFF}. */
  public static String name(int b) {
    return String.format(Locale.ROOT, "<0x%02X>", b & 0xFF);
  }

  /** Whether a token is decoded to one byte. */
  static boolean isByte(String token) {
    return NAME.matcher(token).matches();
  }

  /** The byte that such a token is decoded to. */
  static byte byteOf(String token) {
    return (byte) Integer.parseInt(token.substring(3, 5), 16);
  }
}
