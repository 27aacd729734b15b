package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads regular expressions in the form that tokenizer files have, which is Oniguruma's with Ruby's
 * syntax, into Java's. What means something else in Java is written in another way, or refused.
 */
final class Oniguruma {

  private static final int LONGEST = 1 << 12;

  /** Classes and characters that mean the same in both, given Unicode's classes. */
  private static final String SAME_ESCAPES = "dDsSnrtfe";

  /** Java's \w has the joiners too. */
  private static final String WORD = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}";

  private final String expression;
  private final StringBuilder java = new StringBuilder();
  private int at;
  private int classDepth;

  private Oniguruma(String expression) {
    this.expression = expression;
  }

  /**
   * Compiles an expression.
   *
   * @throws IllegalArgumentException that says what in it is not supported
   */
  static Pattern compile(String expression) {
    if (expression.isEmpty() || expression.length() > LONGEST) {
      throw new IllegalArgumentException(
          "a regular expression of 1 to %d characters is needed".formatted(LONGEST));
    }
    String java = new Oniguruma(expression).translate();
    try {
      return Pattern.compile(
          java, Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "the regular expression cannot be used: " + e.getDescription(), e);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("the regular expression is nested too deeply", e);
    }
  }

  private String translate() {
    while (at < expression.length()) {
      char c = expression.charAt(at);
      if (c == '\\') {
        escape();
      } else if (c == '[') {
        openClass();
      } else if (c == ']' && classDepth > 0) {
        classDepth--;
        keep(1);
      } else if (classDepth == 0 && c == '(') {
        group();
      } else if (classDepth == 0 && c == '{') {
        repetition();
      } else {
        keep(1);
      }
    }
    return java.toString();
  }

  private void keep(int length) {
    java.append(expression, at, Math.min(expression.length(), at + length));
    at += length;
  }

  private void escape() {
    if (at + 1 == expression.length()) {
      throw refused(at, 1);
    }
    char c = expression.charAt(at + 1);
    if (c == 'p' || c == 'P') {
      property(c);
    } else if (c == 'w' || c == 'W') {
      java.append(c == 'w' ? "[" : "[^").append(WORD).append(']');
      at += 2;
    } else if (c == 'x' && expression.startsWith("{", at + 2)) {
      keep(Math.max(2, expression.indexOf('}', at) + 1 - at));
    } else if (c == 'x' || c == 'u') {
      keep(2);
    } else if (SAME_ESCAPES.indexOf(c) >= 0 || !isAsciiLetterOrDigit(c)) {
      keep(2);
    } else {
      throw refused(at, 2);
    }
  }

  /** \p{L} is the same in both; a script or a binary property has "Is" before it in Java. */
  private void property(char p) {
    int end = expression.indexOf('}', at);
    if (!expression.startsWith("{", at + 2) || end < 0) {
      throw refused(at, 3);
    }
    String name = expression.substring(at + 3, end);
    boolean not = name.startsWith("^");
    String plain = not ? name.substring(1) : name;
    if (plain.isEmpty() || !plain.chars().allMatch(c -> isAsciiLetterOrDigit(c) || c == '_')) {
      throw refused(at, end + 1 - at);
    }
    java.append(not == (p == 'p') ? "\\P{" : "\\p{")
        .append(plain.length() > 2 ? "Is" : "")
        .append(plain)
        .append('}');
    at = end + 1;
  }

  private void openClass() {
    if (expression.startsWith("[:", at)) {
      throw refused(at, 2);
    }
    classDepth++;
    keep(1);
    if (expression.startsWith("^", at)) {
      keep(1);
    }
    if (expression.startsWith("]", at)) {
      throw refused(at - 1, 2);
    }
  }

  private void group() {
    if (!expression.startsWith("(?", at)) {
      keep(1);
      return;
    }
    for (String same : new String[] {"(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!", "(?i:", "(?-i:"}) {
      if (expression.startsWith(same, at)) {
        keep(same.length());
        return;
      }
    }
    // Further on it would reach over the next alternatives in Ruby and only to the next in Java.
    if (at == 0 && expression.startsWith("(?i)")) {
      keep(4);
      return;
    }
    throw refused(at, 4);
  }

  /** In Ruby, a plus behind {1,3} repeats it; in Java, it keeps it from giving back. */
  private void repetition() {
    int end = expression.indexOf('}', at);
    boolean valid =
        end > at + 1
            && Character.isDigit(expression.charAt(at + 1))
            && expression.substring(at + 1, end).chars().allMatch(c -> c == ',' || isDigit(c));
    if (!valid || expression.startsWith("+", end + 1)) {
      throw refused(at, valid ? end + 2 - at : 1);
    }
    keep(end + 1 - at);
    // A fixed count with a question mark is optional in Ruby and reluctant in Java.
    if (expression.startsWith("?", at) && java.indexOf(",", java.lastIndexOf("{")) < 0) {
      throw refused(at, 1);
    }
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isAsciiLetterOrDigit(int c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private IllegalArgumentException refused(int from, int length) {
    return new IllegalArgumentException(
        "\"%s\" at character %d of the regular expression is not supported"
            .formatted(
                expression.substring(from, Math.min(expression.length(), from + length)), from));
  }
}
