package dev.lanewise.trainer.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/**
 * Strings as Python has them: places and lengths count code points, and white space is Unicode's.
 */
final class PythonText {
  private PythonText() {}

  static boolean isSpace(int c) {
    if (c < 128) {
      return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
    }
    return c == 0x85 || Character.isSpaceChar(c);
  }

  static boolean isBlank(String text) {
    return all(text, PythonText::isSpace);
  }

  /** Whether there are characters, and all of them are of a kind. */
  static boolean all(String text, IntPredicate kind) {
    return !text.isEmpty() && text.codePoints().allMatch(kind);
  }

  static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  static String substring(String text, int from, int to) {
    int begin = text.offsetByCodePoints(0, from);
    return text.substring(begin, text.offsetByCodePoints(begin, to - from));
  }

  static String trimEnd(String text) {
    return stripped(text, PythonText::isSpace, false, true);
  }

  static String stripped(String text, IntPredicate goes, boolean start, boolean end) {
    int from = 0;
    int to = text.length();
    while (start && from < to && goes.test(text.codePointAt(from))) {
      from += Character.charCount(text.codePointAt(from));
    }
    while (end && from < to && goes.test(text.codePointBefore(to))) {
      to -= Character.charCount(text.codePointBefore(to));
    }
    return text.substring(from, to);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String capitalized(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = Character.charCount(text.codePointAt(0));
    return titled(text.codePointAt(0)) + lower(text.substring(first));
  }

  private static String titled(int codePoint) {
    String text = Character.toString(codePoint);
    int title = Character.toTitleCase(codePoint);
    return title != codePoint
        ? Character.toString(title)
        : upper(text).length() > text.length() ? capitalizedUpper(text) : text;
  }

  /** The German sharp s and its like, whose upper case is longer. */
  private static String capitalizedUpper(String text) {
    String upper = upper(text);
    return upper.substring(0, 1) + lower(upper.substring(1));
  }

  static String title(String text) {
    StringBuilder result = new StringBuilder();
    boolean inWord = false;
    for (int at = 0; at < text.length(); ) {
      int c = text.codePointAt(at);
      result.append(inWord ? lower(Character.toString(c)) : titled(c));
      inWord = Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
      at += Character.charCount(c);
    }
    return result.toString();
  }

  static String swapCase(String text) {
    // In the whole text, as a sigma that ends a word has another form.
    String lower = lower(text);
    StringBuilder result = new StringBuilder();
    int at = 0;
    for (int c : text.codePoints().toArray()) {
      String one = Character.toString(c);
      int end = at + lower(one).length();
      if (Character.isUpperCase(c)) {
        result.append(lower, at, end);
      } else {
        result.append(Character.isLowerCase(c) ? upper(one) : one);
      }
      at = end;
    }
    return result.toString();
  }

  private static boolean isLineEnd(int c) {
    return (c >= '\n' && c <= '\r')
        || (c >= 0x1c && c <= 0x1e)
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }

  static List<String> lines(String text, boolean keepEnds) {
    List<String> lines = new ArrayList<>();
    int begin = 0;
    for (int at = 0; at < text.length(); at++) {
      if (isLineEnd(text.charAt(at))) {
        int end = text.startsWith("\r\n", at) ? at + 2 : at + 1;
        lines.add(text.substring(begin, keepEnds ? end : at));
        begin = end;
        at = end - 1;
      }
    }
    if (begin < text.length()) {
      lines.add(text.substring(begin));
    }
    return lines;
  }

  /** Splits at runs of white space; limit -1 is none. */
  static List<String> words(String text, int limit) {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (true) {
      while (at < text.length() && isSpace(text.charAt(at))) {
        at++;
      }
      if (at == text.length()) {
        return words;
      }
      if (words.size() == limit) {
        words.add(text.substring(at));
        return words;
      }
      int begin = at;
      while (at < text.length() && !isSpace(text.charAt(at))) {
        at++;
      }
      words.add(text.substring(begin, at));
    }
  }

  static List<String> wordsFromEnd(String text, int limit) {
    List<String> words = new ArrayList<>();
    int at = text.length();
    while (true) {
      while (at > 0 && isSpace(text.charAt(at - 1))) {
        at--;
      }
      if (at == 0) {
        break;
      }
      if (words.size() == limit) {
        words.add(text.substring(0, at));
        break;
      }
      int end = at;
      while (at > 0 && !isSpace(text.charAt(at - 1))) {
        at--;
      }
      words.add(text.substring(at, end));
    }
    return words.reversed();
  }

  static List<String> parts(String text, String separator, int limit) {
    List<String> parts = new ArrayList<>();
    int begin = 0;
    int found;
    while (parts.size() != limit && (found = text.indexOf(separator, begin)) >= 0) {
      parts.add(text.substring(begin, found));
      begin = found + separator.length();
    }
    parts.add(text.substring(begin));
    return parts;
  }

  static List<String> partsFromEnd(String text, String separator, int limit) {
    List<String> parts = new ArrayList<>();
    int end = text.length();
    int found;
    while (parts.size() != limit
        && (found = text.lastIndexOf(separator, end - separator.length())) >= 0) {
      parts.add(text.substring(found + separator.length(), end));
      end = found;
    }
    parts.add(text.substring(0, end));
    return parts.reversed();
  }

  /**
   * Replaces the first {@code limit} places, all for -1. Between characters lies an empty string,
   * as in Python.
   */
  static String replaced(String text, String old, String replacement, int limit) {
    if (limit < 0 && !old.isEmpty()) {
      return text.replace(old, replacement);
    }
    if (!old.isEmpty()) {
      return String.join(replacement, parts(text, old, limit));
    }
    StringBuilder result = new StringBuilder();
    int done = 0;
    for (int at = 0; at <= text.length(); ) {
      if (limit < 0 || done++ < limit) {
        result.append(replacement);
      }
      if (at == text.length()) {
        break;
      }
      int c = text.codePointAt(at);
      result.appendCodePoint(c);
      at += Character.charCount(c);
    }
    return result.toString();
  }

  static int compare(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean surrogate = Character.isSurrogate(x) != Character.isSurrogate(y);
        return surrogate ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
