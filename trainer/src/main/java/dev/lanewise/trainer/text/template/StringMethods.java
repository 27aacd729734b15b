package dev.lanewise.trainer.text.template;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The methods of Python's str. */
final class StringMethods {
  /** A method of a string. */
  @FunctionalInterface
  interface Method {
    Object call(Evaluation e, String text, Arguments arguments);
  }

  /**
   * Where str.center puts a text: an odd space more lies to the left if the width is odd, unlike
   * with the format ^.
   */
  static final char CENTER = 'c';

  private static final Map<String, Method> ALL = new HashMap<>();

  static {
    plain("upper", PythonText::upper);
    plain("lower", PythonText::lower);
    plain(
        "casefold",
        text -> PythonText.lower(text.replace("ß", "ss").replace("ẞ", "ss").replace('ς', 'σ')));
    plain("capitalize", PythonText::capitalized);
    plain("title", PythonText::title);
    plain("swapcase", PythonText::swapCase);
    stripping("strip", true, true);
    stripping("lstrip", true, false);
    stripping("rstrip", false, true);
    ALL.put("split", (e, text, arguments) -> split(e, text, arguments, false));
    ALL.put("rsplit", (e, text, arguments) -> split(e, text, arguments, true));
    ALL.put(
        "splitlines",
        (e, text, arguments) ->
            list(e, PythonText.lines(text, arguments.bind("splitlines()", "keepends?").flag(0))));
    ALL.put(
        "partition",
        (e, text, arguments) ->
            partition(text, arguments.bind("partition()", "sep").text(0), false));
    ALL.put(
        "rpartition",
        (e, text, arguments) ->
            partition(text, arguments.bind("rpartition()", "sep").text(0), true));
    ALL.put("replace", StringMethods::replace);
    ALL.put(
        "removeprefix",
        (e, text, arguments) ->
            withoutAffix(text, arguments.bind("removeprefix()", "prefix").text(0), true));
    ALL.put(
        "removesuffix",
        (e, text, arguments) ->
            withoutAffix(text, arguments.bind("removesuffix()", "suffix").text(0), false));
    ALL.put("join", StringMethods::join);
    ALL.put("format", BraceFormat::formatted);
    ALL.put(
        "startswith",
        (e, text, arguments) -> affix("startswith()", text, arguments, String::startsWith));
    ALL.put(
        "endswith", (e, text, arguments) -> affix("endswith()", text, arguments, String::endsWith));
    searching("find", false, false);
    searching("rfind", true, false);
    searching("index", false, true);
    searching("rindex", true, true);
    ALL.put("count", StringMethods::count);
    ALL.put("center", (e, text, arguments) -> padded(e, text, "center()", arguments, CENTER));
    ALL.put("ljust", (e, text, arguments) -> padded(e, text, "ljust()", arguments, '<'));
    ALL.put("rjust", (e, text, arguments) -> padded(e, text, "rjust()", arguments, '>'));
    ALL.put("zfill", StringMethods::zeroFilled);
    kind("isspace", PythonText::isSpace);
    kind("isalpha", Character::isLetter);
    kind("isdigit", c -> Character.isDigit(c) || isSuperscript(c));
    kind("isdecimal", Character::isDigit);
    kind("isnumeric", StringMethods::isNumeric);
    kind("isalnum", c -> Character.isLetter(c) || isNumeric(c));
    test("isascii", text -> text.chars().allMatch(c -> c < 128));
    test("isprintable", text -> text.codePoints().allMatch(PythonText::isPrintable));
    test("isupper", text -> isCased(text, true));
    test("islower", text -> isCased(text, false));
    test(
        "istitle",
        text ->
            text.codePoints().anyMatch(StringMethods::isLetterWithCase)
                && PythonText.title(text).equals(text));
  }

  private StringMethods() {}

  static Method named(String name) {
    return ALL.get(name);
  }

  /** Calls a method; of a string that is marked as safe the results are too. */
  static Object call(
      Evaluation e, Object receiver, String name, Method method, Arguments arguments) {
    e.spend(Values.text(receiver).length() / 16);
    if (!(receiver instanceof Markup markup)) {
      return method.call(e, (String) receiver, arguments);
    }
    boolean escapes = name.equals("join") || name.equals("format") || name.equals("replace");
    return marked(method.call(e, markup.text(), escapes ? escaped(e, name, arguments) : arguments));
  }

  private static Arguments escaped(Evaluation e, String name, Arguments arguments) {
    List<Object> places = new ArrayList<>(arguments.positional());
    for (int i = name.equals("replace") ? 1 : 0; i < places.size(); i++) {
      Object value = places.get(i);
      if (name.equals("join")) {
        List<Object> items = Values.list(e, value);
        items.replaceAll(item -> Markup.escaped(item, e.text(item)).text());
        places.set(i, items);
      } else if (Values.isText(value) || (name.equals("format") && !Values.isNumber(value))) {
        places.set(i, Markup.escaped(value, e.text(value)).text());
      }
    }
    return new Arguments(places, arguments.named());
  }

  private static Object marked(Object result) {
    if (result instanceof String text) {
      return new Markup(text);
    }
    if (result instanceof List<?> list) {
      return list.stream().map(StringMethods::marked).toList();
    }
    return result instanceof Tuple tuple
        ? new Tuple(tuple.items().stream().map(StringMethods::marked).toList())
        : result;
  }

  private static void plain(String name, Function<String, String> change) {
    ALL.put(
        name,
        (e, text, arguments) -> {
          arguments.bind(name + "()", "");
          return e.paid(change.apply(text));
        });
  }

  private static void test(String name, Predicate<String> test) {
    ALL.put(
        name,
        (e, text, arguments) -> {
          arguments.bind(name + "()", "");
          return test.test(text);
        });
  }

  private static void kind(String name, IntPredicate kind) {
    test(name, text -> PythonText.all(text, kind));
  }

  private static boolean isSuperscript(int c) {
    return c == 0xb2
        || c == 0xb3
        || c == 0xb9
        || c == 0x2070
        || (c >= 0x2074 && c <= 0x2079)
        || (c >= 0x2080 && c <= 0x2089)
        || (c >= 0x2460 && c <= 0x2468);
  }

  private static boolean isNumeric(int c) {
    int type = Character.getType(c);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  private static boolean isLetterWithCase(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  static boolean isCased(String text, boolean upper) {
    return text.codePoints().anyMatch(upper ? Character::isUpperCase : Character::isLowerCase)
        && text.codePoints()
            .noneMatch(
                upper
                    ? c -> isLetterWithCase(c) && !Character.isUpperCase(c)
                    : c -> isLetterWithCase(c) && !Character.isLowerCase(c));
  }

  private static void stripping(String name, boolean start, boolean end) {
    ALL.put(
        name,
        (e, text, arguments) -> {
          Arguments.Bound bound = arguments.bind(name + "()", "chars?");
          return bound.get(0, null) == null
              ? PythonText.stripped(text, PythonText::isSpace, start, end)
              : strip(text, bound.text(0), start, end);
        });
  }

  static String strip(String text, String characters, boolean start, boolean end) {
    return PythonText.stripped(text, c -> characters.indexOf(c) >= 0, start, end);
  }

  private static Object split(Evaluation e, String text, Arguments arguments, boolean fromEnd) {
    Arguments.Bound bound = arguments.bind(fromEnd ? "rsplit()" : "split()", "sep? maxsplit?");
    int limit = bound.integer(1, -1);
    if (bound.get(0, null) == null) {
      return list(
          e, fromEnd ? PythonText.wordsFromEnd(text, limit) : PythonText.words(text, limit));
    }
    String separator = separator(bound.text(0));
    return list(
        e,
        fromEnd
            ? PythonText.partsFromEnd(text, separator, limit)
            : PythonText.parts(text, separator, limit));
  }

  private static String separator(String given) {
    if (given.isEmpty()) {
      throw new TemplateException("the separator is empty");
    }
    return given;
  }

  private static List<Object> list(Evaluation e, List<String> strings) {
    e.spend(strings.size());
    return new ArrayList<>(strings);
  }

  private static Tuple partition(String text, String given, boolean last) {
    String separator = separator(given);
    int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) {
      return new Tuple(last ? List.of("", "", text) : List.of(text, "", ""));
    }
    return new Tuple(
        List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
  }

  private static Object replace(Evaluation e, String text, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("replace()", "old new count?");
    return replaced(e, text, bound.text(0), bound.text(1), bound.integer(2, -1));
  }

  static String replaced(Evaluation e, String text, String old, String replacement, int limit) {
    double places = text.length() / (double) Math.max(1, old.length()) + 1;
    if (places * replacement.length() > text.length()) {
      // Only then may the result be much larger than the text.
      long found = old.isEmpty() ? text.length() + 1 : PythonText.parts(text, old, -1).size() - 1;
      e.reserve(text.length() + (double) found * replacement.length());
    }
    return e.paid(PythonText.replaced(text, old, replacement, limit));
  }

  private static String withoutAffix(String text, String affix, boolean prefix) {
    if (prefix) {
      return text.startsWith(affix) ? text.substring(affix.length()) : text;
    }
    return text.endsWith(affix) ? text.substring(0, text.length() - affix.length()) : text;
  }

  private static Object join(Evaluation e, String text, Arguments arguments) {
    StringBuilder joined = new StringBuilder();
    String before = "";
    for (Object item : Values.list(e, arguments.bind("join()", "iterable").get(0))) {
      if (!Values.isText(item)) {
        throw new TemplateException("join() joins strings, not " + Values.typeName(item));
      }
      e.print(joined, before);
      e.print(joined, Values.text(item));
      before = text;
    }
    return joined.toString();
  }

  private static boolean affix(
      String of, String text, Arguments arguments, BiPredicate<String, String> matches) {
    Arguments.Bound bound = arguments.bind(of, "affix start? end?");
    Part part = Part.of(text, bound, 1);
    if (bound.get(0) instanceof Tuple several) {
      return several.items().stream()
          .anyMatch(
              one ->
                  Values.isText(one)
                      && part != null
                      && matches.test(part.text(), Values.text(one)));
    }
    String affix = bound.text(0);
    return part != null && matches.test(part.text(), affix);
  }

  /**
   * The part of a text that the optional bounds of a search leave, and the code points before it.
   */
  private record Part(String text, int before) {
    /** Null where the bounds leave nothing, not even an empty string. */
    static Part of(String text, Arguments.Bound bound, int first) {
      if (bound.get(first, null) == null && bound.get(first + 1, null) == null) {
        return new Part(text, 0);
      }
      int length = PythonText.length(text);
      int start = place(bound.integerOrNone(first, 0), length);
      int end = Math.min(length, place(bound.integerOrNone(first + 1, length), length));
      return start > end ? null : new Part(PythonText.substring(text, start, end), start);
    }

    private static int place(int given, int length) {
      return given < 0 ? Math.max(0, given + length) : given;
    }
  }

  private static void searching(String name, boolean last, boolean mustBeThere) {
    ALL.put(
        name,
        (e, text, arguments) -> {
          Arguments.Bound bound = arguments.bind(name + "()", "sub start? end?");
          String wanted = bound.text(0);
          Part part = Part.of(text, bound, 1);
          int at =
              part == null
                  ? -1
                  : last ? part.text().lastIndexOf(wanted) : part.text().indexOf(wanted);
          if (at < 0 && mustBeThere) {
            throw new TemplateException(
                name + "(): the string does not contain " + Printing.quoted(wanted));
          }
          return at < 0 ? -1L : (long) part.before() + part.text().codePointCount(0, at);
        });
  }

  private static Object count(Evaluation e, String text, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("count()", "sub start? end?");
    String wanted = bound.text(0);
    Part part = Part.of(text, bound, 1);
    if (part == null) {
      return 0L;
    }
    return wanted.isEmpty()
        ? PythonText.length(part.text()) + 1L
        : PythonText.parts(part.text(), wanted, -1).size() - 1L;
  }

  private static String padded(
      Evaluation e, String text, String of, Arguments arguments, char align) {
    Arguments.Bound bound = arguments.bind(of, "width fillchar?");
    String fill = bound.has(1) ? bound.text(1) : " ";
    if (PythonText.length(fill) != 1) {
      throw new TemplateException(of + " fills with one character");
    }
    return padded(e, text, bound.integer(0), fill, align);
  }

  /** A text that is at least so wide, at the left (&lt;), the right (&gt;) or in the middle (^). */
  static String padded(Evaluation e, String text, int width, String fill, char align) {
    int room = width - PythonText.length(text);
    if (room <= 0) {
      return text;
    }
    e.reserve(room * 2.0);
    int before =
        align == '<'
            ? 0
            : align == '>' ? room : room / 2 + (align == CENTER ? room & width & 1 : 0);
    return fill.repeat(before) + text + fill.repeat(room - before);
  }

  private static String zeroFilled(Evaluation e, String text, Arguments arguments) {
    int width = arguments.bind("zfill()", "width").integer(0);
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String sign = signed ? text.substring(0, 1) : "";
    return sign + padded(e, text.substring(sign.length()), width - sign.length(), "0", '>');
  }
}
