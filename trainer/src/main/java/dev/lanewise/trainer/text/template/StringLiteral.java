package dev.lanewise.trainer.text.template;

/** Python's escapes in string literals. */
final class StringLiteral {
  private static final String SINGLE = "\n\\'\"abfnrtv";
  private static final String MEANT = "\0\\'\"\u0007\b\f\n\r\t\u000b";

  private StringLiteral() {}

  static String unescaped(String literal, int line) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (at < literal.length()) {
      char c = literal.charAt(at++);
      if (c != '\\' || at == literal.length()) {
        text.append(c);
        continue;
      }
      char escape = literal.charAt(at++);
      int single = SINGLE.indexOf(escape);
      if (single >= 0) {
        text.append(single == 0 ? "" : MEANT.substring(single, single + 1));
      } else if (escape >= '0' && escape <= '7') {
        int end = at;
        while (end < literal.length()
            && end < at + 2
            && literal.charAt(end) >= '0'
            && literal.charAt(end) <= '7') {
          end++;
        }
        text.append((char) Integer.parseInt(literal.substring(at - 1, end), 8));
        at = end;
      } else if (escape == 'x' || escape == 'u' || escape == 'U') {
        int digits = escape == 'x' ? 2 : escape == 'u' ? 4 : 8;
        text.appendCodePoint(codePoint(literal, at, digits, line));
        at += digits;
      } else if (escape == 'N') {
        throw new TemplateException(line, "the escape \\N is not supported");
      } else {
        text.append('\\').append(escape);
      }
    }
    return text.toString();
  }

  private static int codePoint(String literal, int at, int digits, int line) {
    int value = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = i < literal.length() ? Character.digit(literal.charAt(i), 16) : -1;
      if (digit < 0 || value > Character.MAX_CODE_POINT >> 4) {
        throw new TemplateException(
            line,
            "an escape in a string needs "
                + digits
                + " hexadecimal digits and a character that exists");
      }
      value = value << 4 | digit;
    }
    if (value > Character.MAX_CODE_POINT) {
      throw new TemplateException(
          line, "an escape in a string names a character that does not exist");
    }
    return value;
  }
}
