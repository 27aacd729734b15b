package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A regular expression that is read from front to back. */
final class ExpressionText {

  private static final Pattern HEXADECIMAL =
      Pattern.compile("\\\\(?:x\\{([0-9a-fA-F]{1,8})\\}|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4}))");
  private static final Pattern OCTAL = Pattern.compile("\\\\0([0-7]{0,2})");

  private static final Map<Character, Integer> CONTROLS =
      Map.of('t', 0x9, 'n', 0xA, 'v', 0xB, 'f', 0xC, 'r', 0xD, 'a', 0x7, 'e', 0x1B);

  private static final String BLANKS = "\t\n\f\r ";

  private static final int END = -1;

  private final String expression;
  private int at;
  private int before;

  ExpressionText(String expression) {
    this.expression = expression;
  }

  int at() {
    return at;
  }

  boolean ended() {
    return at == expression.length();
  }

  /** The character that comes next; negative at the end. */
  int peek() {
    return ended() ? END : expression.codePointAt(at);
  }

  /** What is so many places on; U+0000 behind the end. */
  char charAt(int further) {
    return at + further < expression.length() ? expression.charAt(at + further) : 0;
  }

  boolean startsWith(String prefix) {
    return expression.startsWith(prefix, at);
  }

  boolean has(char c, int further) {
    return expression.indexOf(c, at + further) >= 0;
  }

  /** A matcher of what is left. */
  Matcher matcher(Pattern pattern) {
    return pattern.matcher(expression.substring(at));
  }

  void advance(int length) {
    before = at;
    at += length;
  }

  int next() {
    int character = peek();
    advance(Character.charCount(character));
    return character;
  }

  boolean skip(String prefix) {
    boolean skipped = startsWith(prefix);
    if (skipped) {
      advance(prefix.length());
    }
    return skipped;
  }

  /** Passes over what extended expressions have between their parts. */
  boolean skipBlank() {
    if (startsWith("#")) {
      int end = expression.indexOf('\n', at);
      at = end < 0 ? expression.length() : end;
      return true;
    }
    boolean blank = !ended() && BLANKS.indexOf(charAt(0)) >= 0;
    at += blank ? 1 : 0;
    return blank;
  }

  boolean skipComment() {
    if (!startsWith("(?#")) {
      return false;
    }
    int end = expression.indexOf(')', at);
    if (end < 0 || expression.substring(at, end).indexOf('\\') >= 0) {
      throw refused(3, "the comment is not closed");
    }
    at = end + 1;
    return true;
  }

  /**
   * The character that an escape stands for.
   *
   * @param plain letters that stand for themselves
   */
  int escapedCharacter(String plain) {
    char c = charAt(1);
    if (CONTROLS.containsKey(c)) {
      advance(2);
      return CONTROLS.get(c);
    }
    Matcher octal = matcher(OCTAL);
    if (octal.lookingAt()) {
      advance(octal.end());
      return Integer.parseInt("0" + octal.group(1), 8);
    }
    if (c == 'x' || c == 'u') {
      return hexadecimal();
    }
    if (at + 1 == expression.length()
        || (CharacterSets.isAsciiLetterOrDigit(c) && plain.indexOf(c) < 0)) {
      throw refused(2, "this escape has no counterpart here");
    }
    advance(1);
    return next();
  }

  private int hexadecimal() {
    Matcher matcher = matcher(HEXADECIMAL);
    if (!matcher.lookingAt()) {
      throw refused(3, "hexadecimal digits are needed");
    }
    String digits =
        matcher.group(1) != null
            ? matcher.group(1)
            : matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
    long character = Long.parseLong(digits, 16);
    // Two digits are a byte of UTF-8, so from 80 on a part of a character.
    boolean isByte = matcher.group(2) != null && character >= 0x80;
    boolean isHalf = character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
    if (isByte || isHalf || character > Character.MAX_CODE_POINT) {
      throw refused(matcher.end(), "it is not a whole character; write \\x{...}");
    }
    advance(matcher.end());
    return (int) character;
  }

  IllegalArgumentException refused(int length, String reason) {
    return refusedAt(at, length, reason);
  }

  /** Of what was read last. */
  IllegalArgumentException refusedBefore(String reason) {
    return refusedAt(before, at - before, reason);
  }

  IllegalArgumentException refusedAt(int from, int length, String reason) {
    return new IllegalArgumentException(
        "\"%s\" at character %d of the regular expression is not supported: %s"
            .formatted(
                expression.substring(
                    Math.min(expression.length(), from),
                    Math.min(expression.length(), from + length)),
                from,
                reason));
  }
}
