package dev.lanewise.trainer.text.tokenizer;

import java.nio.charset.StandardCharsets;

/** Reading code points out of UTF-8 bytes, and the one rule for strings that have no UTF-8 form. */
public final class Utf8 {

  /** {@link #decode} found the beginning of a character whose end is not there. */
  public static final int INCOMPLETE = -1;

  /** What {@link #decode} says of a byte that begins no character: U+FFFD of length 1. */
  static final int MALFORMED = 0xFFFD << 3 | 1;

  private static final int LENGTH_BITS = 3;
  public static final char REPLACEMENT = 0xFFFD;

  private Utf8() {}

  /**
   * The UTF-8 bytes of {@code text}, each lone surrogate read as U+FFFD (where getBytes would put a
   * question mark).
   */
  public static byte[] bytes(String text) {
    return replaceLoneSurrogates(text).getBytes(StandardCharsets.UTF_8);
  }

  private static String replaceLoneSurrogates(String text) {
    int at = firstLoneSurrogate(text, 0);
    if (at < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text);
    while (at >= 0) {
      out.setCharAt(at, REPLACEMENT);
      at = firstLoneSurrogate(out, at + 1);
    }
    return out.toString();
  }

  private static int firstLoneSurrogate(CharSequence text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        boolean pair =
            i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
        if (!pair) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }

  /**
   * The character at {@code bytes[at]}, packed: {@link #codePoint} and {@link #length} take it
   * apart. A byte that begins no valid character (overlong forms and surrogates included) is {@link
   * #MALFORMED}. {@link #INCOMPLETE} when {@code limit} cuts a valid beginning.
   */
  public static int decode(byte[] bytes, int at, int limit) {
    int b0 = bytes[at];
    if (b0 >= 0) {
      return pack(b0, 1);
    }
    b0 &= 0xFF;
    if (b0 < 0xC2 || b0 > 0xF4) {
      return MALFORMED;
    }
    int length = b0 < 0xE0 ? 2 : b0 < 0xF0 ? 3 : 4;
    int codePoint = b0 & (0x7F >> length);
    for (int i = 1; i < length; i++) {
      if (at + i == limit) {
        return INCOMPLETE;
      }
      int next = bytes[at + i] & 0xFF;
      if (next < lowestNext(b0, i) || next > highestNext(b0, i)) {
        return MALFORMED;
      }
      codePoint = codePoint << 6 | (next & 0x3F);
    }
    return pack(codePoint, length);
  }

  /** Excludes overlong forms. */
  private static int lowestNext(int b0, int i) {
    return i == 1 && b0 == 0xE0 ? 0xA0 : i == 1 && b0 == 0xF0 ? 0x90 : 0x80;
  }

  /** Excludes surrogates and what lies beyond U+10FFFF. */
  private static int highestNext(int b0, int i) {
    return i == 1 && b0 == 0xED ? 0x9F : i == 1 && b0 == 0xF4 ? 0x8F : 0xBF;
  }

  /**
   * The text of bytes[from..to). Of what is not UTF-8, each longest beginning of a character
   * becomes one U+FFFD, as Unicode recommends; Java's own decoder takes a surrogate's three bytes
   * for one.
   */
  public static String text(byte[] bytes, int from, int to) {
    String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0 ? text : textWithReplacements(bytes, from, to);
  }

  private static String textWithReplacements(byte[] bytes, int from, int to) {
    StringBuilder text = new StringBuilder(to - from);
    int at = from;
    while (at < to) {
      int character = decode(bytes, at, to);
      if (character == INCOMPLETE) {
        text.append(REPLACEMENT);
        break;
      }
      text.appendCodePoint(codePoint(character));
      at += character == MALFORMED ? beginningLength(bytes, at, to) : length(character);
    }
    return text.toString();
  }

  /** How many bytes of a malformed character could begin one. */
  private static int beginningLength(byte[] bytes, int at, int limit) {
    int b0 = bytes[at] & 0xFF;
    if (b0 < 0xC2 || b0 > 0xF4) {
      return 1;
    }
    int length = 1;
    while (at + length < limit) {
      int next = bytes[at + length] & 0xFF;
      if (next < lowestNext(b0, length) || next > highestNext(b0, length)) {
        break;
      }
      length++;
    }
    return length;
  }

  /**
   * Appends the {@link #text} of bytes[from..to) and says how far it came: unless these are the
   * last bytes, a character whose end is missing stays.
   */
  public static int appendTo(StringBuilder out, byte[] bytes, int from, int to, boolean last) {
    int end = last ? to : completeEnd(bytes, from, to);
    out.append(text(bytes, from, end));
    return end;
  }

  /** The end of bytes[from..to) without a last character whose end is missing. */
  static int completeEnd(byte[] bytes, int from, int to) {
    for (int at = to - 1; at >= from && at >= to - 3 && bytes[at] < 0; at--) {
      if (decode(bytes, at, to) == INCOMPLETE) {
        return at;
      }
    }
    return to;
  }

  /** The length of the white space at {@code bytes[at]}, by Unicode's property; 0 if it is none. */
  static int spaceLength(byte[] bytes, int at, int limit) {
    byte b = bytes[at];
    if (b >= 0) {
      return b == ' ' || (b >= '\t' && b <= '\r') ? 1 : 0;
    }
    int character = decode(bytes, at, limit);
    if (character == INCOMPLETE) {
      return 0;
    }
    int codePoint = codePoint(character);
    return codePoint == 0x85 || Character.isSpaceChar(codePoint) ? length(character) : 0;
  }

  /** Whether a character that {@link #decode} gave is part of a word, as {@code \w} has it. */
  static boolean isWord(int packed) {
    if (packed == INCOMPLETE) {
      return false;
    }
    int codePoint = codePoint(packed);
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.CONNECTOR_PUNCTUATION ->
          true;
      // The joiners are format characters.
      default -> Character.isAlphabetic(codePoint) || codePoint == 0x200C || codePoint == 0x200D;
    };
  }

  private static int pack(int codePoint, int length) {
    return codePoint << LENGTH_BITS | length;
  }

  public static int codePoint(int packed) {
    return packed >>> LENGTH_BITS;
  }

  public static int length(int packed) {
    return packed & ((1 << LENGTH_BITS) - 1);
  }
}
