package dev.lanewise.trainer.text.template;

import dev.lanewise.trainer.text.template.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens as Jinja2 does with {@code trim_blocks} and {@code lstrip_blocks}:
 * the line feed after a tag goes, and so does the white space before a tag that is first on its
 * line.
 */
final class Lexer {
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?<float>(?<!\\.)(?:\\d+_)*+\\d++(?:(?:\\.(?:\\d+_)*+\\d++)?+[eE][+-]?(?:\\d+_)*+\\d++|\\.(?:\\d+_)*+\\d++))"
              + "|0[bB](?:_?[01])++|0[oO](?:_?[0-7])++|0[xX](?:_?[0-9a-fA-F])++|[1-9](?:_?\\d)*+|0(?:_?0)*+");
  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int counted;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    Lexer lexer = new Lexer(source);
    while (lexer.at < source.length()) {
      lexer.data();
    }
    lexer.add(Kind.END, "");
    return lexer.tokens;
  }

  private void data() {
    int begin = at;
    int tag = begin;
    while (tag < source.length() && !startsTag(tag)) {
      tag++;
    }
    if (tag >= source.length()) {
      text(source.substring(begin));
      at = source.length();
      return;
    }
    char kind = source.charAt(tag + 1);
    int raw = kind == '%' ? rawBegin(tag) : -1;
    char sign = sign(tag + 2);
    text(before(begin, tag, kind != '{', sign));
    at = tag + (sign == 0 ? 2 : 3);
    if (raw >= 0) {
      raw(raw);
    } else if (kind == '#') {
      at = end('#', at, "comment");
    } else {
      add(kind == '%' ? Kind.BLOCK_BEGIN : Kind.PRINT_BEGIN, "");
      tag(kind);
    }
  }

  private boolean startsTag(int place) {
    return source.startsWith("{%", place)
        || source.startsWith("{{", place)
        || source.startsWith("{#", place);
  }

  private char sign(int place) {
    char c = place < source.length() ? source.charAt(place) : 0;
    return c == '-' || c == '+' ? c : 0;
  }

  /** The text before a tag, without the white space that the tag takes away. */
  private String before(int begin, int tag, boolean lineOfItsOwn, char sign) {
    if (sign == '-') {
      return PythonText.trimEnd(source.substring(begin, tag));
    }
    int lineFeed = source.lastIndexOf('\n', tag - 1);
    int lineBegin = Math.max(lineFeed + 1, begin);
    boolean starts = lineFeed >= begin || begin == 0 || source.charAt(begin - 1) == '\n';
    boolean strips =
        lineOfItsOwn
            && sign != '+'
            && starts
            && PythonText.isBlank(source.substring(lineBegin, tag));
    return source.substring(begin, strips ? lineBegin : tag);
  }

  private int rawBegin(int tag) {
    int place = skipSpace(tag + (sign(tag + 2) == 0 ? 2 : 3));
    if (!source.startsWith("raw", place)) {
      return -1;
    }
    place = skipSpace(place + 3);
    if (source.startsWith("-%}", place)) {
      return skipSpace(place + 3);
    }
    return source.startsWith("%}", place) ? place + 2 : -1;
  }

  private void raw(int begin) {
    for (int tag = source.indexOf("{%", begin); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
      char sign = sign(tag + 2);
      int name = skipSpace(tag + (sign == 0 ? 2 : 3));
      int end = source.startsWith("endraw", name) ? endOf('%', skipSpace(name + 6)) : -1;
      if (end >= 0) {
        text(before(begin, tag, true, sign));
        at = end;
        return;
      }
    }
    throw error("the raw block does not end");
  }

  /** Where the first end of a comment at or after a place ends. */
  private int end(char kind, int from, String what) {
    for (int place = from; place < source.length(); place++) {
      int end = endOf(kind, place);
      if (end >= 0) {
        return end;
      }
    }
    throw error("the " + what + " does not end");
  }

  /** Where the end of a tag or comment that begins at this place ends, or -1. */
  private int endOf(char kind, int place) {
    String end = kind + "}";
    if (source.startsWith("-" + end, place)) {
      return skipSpace(place + 3);
    }
    if (source.startsWith("+" + end, place)) {
      return place + 3;
    }
    if (!source.startsWith(end, place)) {
      return -1;
    }
    return place + (source.startsWith("\n", place + 2) ? 3 : 2);
  }

  private int endOfPrint(int place) {
    if (source.startsWith("-}}", place)) {
      return skipSpace(place + 3);
    }
    return source.startsWith("}}", place) ? place + 2 : -1;
  }

  private int skipSpace(int place) {
    int end = place;
    while (end < source.length() && PythonText.isSpace(source.charAt(end))) {
      end++;
    }
    return end;
  }

  private void tag(char kind) {
    Deque<Character> open = new ArrayDeque<>();
    while (true) {
      at = skipSpace(at);
      if (at >= source.length()) {
        return;
      }
      int end = !open.isEmpty() ? -1 : kind == '%' ? endOf('%', at) : endOfPrint(at);
      if (end >= 0) {
        add(kind == '%' ? Kind.BLOCK_END : Kind.PRINT_END, "");
        at = end;
        return;
      }
      expressionToken(open);
    }
  }

  private void expressionToken(Deque<Character> open) {
    char c = source.charAt(at);
    Matcher number = NUMBER.matcher(source).region(at, source.length()).useTransparentBounds(true);
    if (c < 128 && Character.isDigit(c) && number.lookingAt()) {
      add(
          number.group("float") != null ? Kind.FLOAT : Kind.INTEGER,
          number.group().replace("_", ""));
      at = number.end();
    } else if (isNamePart(source.codePointAt(at))) {
      int end = at;
      while (end < source.length() && isNamePart(source.codePointAt(end))) {
        end += Character.charCount(source.codePointAt(end));
      }
      add(Kind.NAME, source.substring(at, end));
      at = end;
    } else if (c == '\'' || c == '"') {
      int end = at + 1;
      while (end < source.length() && source.charAt(end) != c) {
        end += source.charAt(end) == '\\' ? 2 : 1;
      }
      if (end >= source.length()) {
        throw error("the string does not end");
      }
      add(Kind.STRING, StringLiteral.unescaped(source.substring(at + 1, end), lineHere()));
      at = end + 1;
    } else {
      operator(open);
    }
  }

  private static boolean isNamePart(int codePoint) {
    return codePoint == '_' || Character.isLetterOrDigit(codePoint);
  }

  private void operator(Deque<Character> open) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        balance(operator.charAt(0), open);
        add(Kind.OPERATOR, operator);
        at += operator.length();
        return;
      }
    }
    throw error("unexpected character '" + Character.toString(source.codePointAt(at)) + "'");
  }

  private void balance(char operator, Deque<Character> open) {
    switch (operator) {
      case '{' -> open.push('}');
      case '(' -> open.push(')');
      case '[' -> open.push(']');
      case '}', ')', ']' -> {
        if (open.isEmpty() || open.pop() != operator) {
          throw error("unexpected '" + operator + "'");
        }
      }
      default -> {}
    }
  }

  private void text(String text) {
    if (!text.isEmpty()) {
      add(Kind.DATA, text);
    }
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, lineHere()));
  }

  private int lineHere() {
    for (; counted < at && counted < source.length(); counted++) {
      if (source.charAt(counted) == '\n') {
        line++;
      }
    }
    return line;
  }

  private TemplateException error(String message) {
    return new TemplateException(lineHere(), message);
  }
}
