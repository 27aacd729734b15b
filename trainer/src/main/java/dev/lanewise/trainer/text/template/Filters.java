package dev.lanewise.trainer.text.template;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Jinja2's filters: here those of single values, in {@link SequenceFilters} those of many. */
final class Filters {
  /** What stands after a bar. */
  @FunctionalInterface
  interface Filter {
    Object apply(Evaluation e, Object value, Arguments arguments);
  }

  private static final Pattern WORD_OF_TITLE =
      Pattern.compile("[-\\s({\\[<]+|[^-\\s({\\[<]+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern NO_ATTRIBUTE_NAME = Pattern.compile("[\\s/>=]");

  private static final Map<String, Filter> ALL = new HashMap<>();

  static {
    change("upper", PythonText::upper);
    change("lower", PythonText::lower);
    change("capitalize", PythonText::capitalized);
    ALL.put("title", (e, value, arguments) -> title(e.text(only("title", value, arguments))));
    ALL.put("trim", Filters::trim);
    ALL.put(
        "string",
        (e, value, arguments) ->
            Values.isText(only("string", value, arguments)) ? value : e.text(value));
    ALL.put("safe", (e, value, arguments) -> new Markup(e.text(only("safe", value, arguments))));
    Filter escape =
        (e, value, arguments) ->
            e.paid(Markup.escaped(only("escape", value, arguments), e.text(value)));
    ALL.put("escape", escape);
    ALL.put("e", escape);
    ALL.put(
        "forceescape",
        (e, value, arguments) ->
            e.paid(new Markup(Markup.escaped(e.text(only("forceescape", value, arguments))))));
    ALL.put("replace", Filters::replace);
    ALL.put("indent", Filters::indent);
    ALL.put("truncate", Filters::truncate);
    ALL.put(
        "center",
        (e, value, arguments) ->
            StringMethods.padded(
                e,
                e.text(value),
                arguments.bind("center", "width?").integer(0, 80),
                " ",
                StringMethods.CENTER));
    ALL.put(
        "wordcount",
        (e, value, arguments) -> wordCount(e.text(only("wordcount", value, arguments))));
    ALL.put("format", Filters::format);
    ALL.put("urlencode", Filters::urlEncode);
    ALL.put("xmlattr", Filters::xmlAttributes);
    ALL.put("tojson", Json::written);
    Filter otherwise = Filters::otherwise;
    ALL.put("default", otherwise);
    ALL.put("d", otherwise);
    ALL.put("int", Filters::integer);
    ALL.put("float", Filters::real);
    ALL.put("abs", (e, value, arguments) -> absolute(only("abs", value, arguments)));
    ALL.put("round", Filters::round);
    ALL.put(
        "attr",
        (e, value, arguments) -> Attributes.field(value, arguments.bind("attr", "name").text(0)));
    SequenceFilters.addTo(ALL);
  }

  private Filters() {}

  static Filter named(String name) {
    return ALL.get(name);
  }

  static Object only(String name, Object value, Arguments arguments) {
    arguments.bind(name, "");
    return value;
  }

  /** The same kind of string, marked as safe or not. */
  private static Object like(Object value, String text) {
    return value instanceof Markup ? new Markup(text) : text;
  }

  private static void change(String name, Function<String, String> change) {
    ALL.put(
        name,
        (e, value, arguments) ->
            e.paid(like(only(name, value, arguments), change.apply(e.text(value)))));
  }

  private static String title(String text) {
    StringBuilder result = new StringBuilder();
    Matcher m = WORD_OF_TITLE.matcher(text);
    while (m.find()) {
      int first = Character.charCount(m.group().codePointAt(0));
      result
          .append(PythonText.upper(m.group().substring(0, first)))
          .append(PythonText.lower(m.group().substring(first)));
    }
    return result.toString();
  }

  private static Object trim(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("trim", "chars?");
    String text = e.text(value);
    boolean space = bound.get(0, null) == null;
    return like(
        value,
        space
            ? PythonText.stripped(text, PythonText::isSpace, true, true)
            : StringMethods.strip(text, bound.text(0), true, true));
  }

  private static Object replace(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("replace", "old new count?");
    return StringMethods.replaced(
        e, e.text(value), e.text(bound.get(0)), e.text(bound.get(1)), bound.integerOrNone(2, -1));
  }

  private static Object indent(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("indent", "width? first? blank?");
    if (!Values.isText(value)) {
      throw new TemplateException("indent needs a string, not " + Values.typeName(value));
    }
    int width = Values.isText(bound.get(0, null)) || !bound.has(0) ? 4 : bound.integer(0);
    e.reserve(Math.max(0, width));
    String indent =
        Values.isText(bound.get(0, null)) ? bound.text(0) : " ".repeat(Math.max(0, width));
    List<String> lines = PythonText.lines(Values.text(value) + "\n", false);
    e.reserve(lines.size() * (double) indent.length());
    StringBuilder result = new StringBuilder(bound.flag(1) ? indent : "");
    for (int i = 0; i < lines.size(); i++) {
      result.append(i == 0 ? "" : "\n");
      result
          .append(i > 0 && (bound.flag(2) || !lines.get(i).isEmpty()) ? indent : "")
          .append(lines.get(i));
    }
    return e.paid(like(value, result.toString()));
  }

  private static Object truncate(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("truncate", "length? killwords? end? leeway?");
    int length = bound.integer(0, 255);
    String end = bound.has(2) ? bound.text(2) : "...";
    int leeway = bound.integerOrNone(3, 5);
    int kept = length - PythonText.length(end);
    if (kept < 0 || leeway < 0) {
      throw new TemplateException("truncate needs a length of at least its end's");
    }
    if (Values.length(value) <= length + (long) leeway) {
      return value;
    }
    if (!Values.isText(value)) {
      throw new TemplateException("truncate needs a string, not " + Values.typeName(value));
    }
    String text = Values.text(value);
    String beginning = PythonText.substring(text, 0, kept);
    int space = beginning.lastIndexOf(' ');
    return (bound.flag(1) || space < 0 ? beginning : beginning.substring(0, space)) + end;
  }

  private static long wordCount(String text) {
    long words = 0;
    boolean inWord = false;
    for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
      int c = text.codePointAt(at);
      boolean part = c == '_' || Character.isLetterOrDigit(c);
      words += part && !inWord ? 1 : 0;
      inWord = part;
    }
    return words;
  }

  private static Object format(Evaluation e, Object value, Arguments arguments) {
    if (!arguments.named().isEmpty() && !arguments.positional().isEmpty()) {
      throw new TemplateException("format takes arguments by place or by name, not both");
    }
    Object values =
        arguments.named().isEmpty()
            ? new Tuple(arguments.positional())
            : new HashMap<Object, Object>(arguments.named());
    return PercentFormat.formatted(e, Values.isText(value) ? value : e.text(value), values);
  }

  private static Object urlEncode(Evaluation e, Object value, Arguments arguments) {
    Filters.only("urlencode", value, arguments);
    if (Values.isText(value) || !Values.isIterable(value)) {
      return e.paid(quoted(e.text(value)).replace("+", "%20").replace("%2F", "/"));
    }
    List<String> pairs = new ArrayList<>();
    for (Object pair :
        value instanceof Map
            ? new DictView(Values.dict(value), DictView.Kind.ITEMS).items()
            : Values.list(e, value)) {
      List<Object> parts = Values.list(e, pair);
      if (parts.size() != 2) {
        throw new TemplateException("urlencode needs pairs");
      }
      pairs.add(quoted(e.text(parts.get(0))) + "=" + quoted(e.text(parts.get(1))));
    }
    return e.paid(String.join("&", pairs));
  }

  private static String quoted(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("*", "%2A").replace("%7E", "~");
  }

  private static Object xmlAttributes(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("xmlattr", "autospace?");
    if (!(value instanceof Map)) {
      throw new TemplateException("xmlattr needs a dict, not " + Values.typeName(value));
    }
    StringBuilder result = new StringBuilder();
    Values.dict(value)
        .forEach(
            (key, item) -> {
              if (item == null || item instanceof Undefined) {
                return;
              }
              String name = e.text(key);
              if (NO_ATTRIBUTE_NAME.matcher(name).find()) {
                throw new TemplateException(
                    "xmlattr: " + Printing.quoted(name) + " cannot be the name of an attribute");
              }
              result.append(result.isEmpty() ? "" : " ").append(Markup.escaped(name)).append("=\"");
              result.append(Markup.escaped(item, e.text(item)).text()).append('"');
            });
    boolean space = !result.isEmpty() && (!bound.has(0) || bound.flag(0));
    return e.paid((space ? " " : "") + result);
  }

  private static Object otherwise(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("default", "default_value? boolean?");
    return value instanceof Undefined || (bound.flag(1) && !Values.truth(value))
        ? bound.get(0, "")
        : value;
  }

  private static Object integer(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("int", "default? base?");
    Object number = Conversions.integer(value, bound.integer(1, 10));
    return number == null ? bound.get(0, 0L) : number;
  }

  private static Object real(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("float", "default?");
    Double number = Conversions.real(value);
    return number == null ? bound.get(0, 0.0) : number;
  }

  private static Object absolute(Object value) {
    Object number = Values.number(value);
    if (!Values.isNumber(number)) {
      throw new TemplateException("abs needs a number, not " + Values.typeName(value));
    }
    return number instanceof Double real
        ? (Object) Math.abs(real)
        : Arithmetic.normal(Arithmetic.big(number).abs());
  }

  private static Object round(Evaluation e, Object value, Arguments arguments) {
    Arguments.Bound bound = arguments.bind("round", "precision? method?");
    return Conversions.rounded(value, bound.integer(0, 0), bound.has(1) ? bound.text(1) : "common");
  }
}
