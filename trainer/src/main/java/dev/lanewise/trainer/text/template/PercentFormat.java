package dev.lanewise.trainer.text.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code 'text %s' % values}. */
final class PercentFormat {
  private static final Pattern PLACE =
      Pattern.compile(
          "%(?:\\(([^)]*)\\))?([-+ #0]*)(\\d{1,9}|\\*)?(?:\\.(\\d{1,9}|\\*))?[hlL]?(.)?",
          Pattern.DOTALL);

  private PercentFormat() {}

  static Object formatted(Evaluation e, Object format, Object values) {
    boolean marked = format instanceof Markup;
    Map<?, ?> named = values instanceof Map<?, ?> map ? map : null;
    List<Object> given = values instanceof Tuple tuple ? tuple.items() : new ArrayList<>();
    if (!(values instanceof Tuple)) {
      given.add(values);
    }
    Iterator<Object> next = given.iterator();
    // Python leaves what looks like a mapping unused.
    boolean mapping = named != null || values instanceof List || values instanceof Undefined;
    Matcher m = PLACE.matcher(Values.text(format));
    StringBuilder out = new StringBuilder();
    int done = 0;
    while (m.find()) {
      out.append(Values.text(format), done, m.start());
      done = m.end();
      if ("%".equals(m.group(5))) {
        out.append('%');
        continue;
      }
      int width = number(m.group(3), next, 0);
      int precision = number(m.group(4), next, -1);
      Object value = m.group(1) == null ? taken(next) : named(named, m.group(1));
      e.print(out, one(e, m, width, precision, value, marked));
    }
    if (next.hasNext() && !mapping) {
      throw new TemplateException("not all values are used by the format");
    }
    out.append(Values.text(format).substring(done));
    return marked ? new Markup(out.toString()) : out.toString();
  }

  private static Object named(Map<?, ?> values, String name) {
    if (values == null || !values.containsKey(name)) {
      throw new TemplateException("the format has no value named '" + name + "'");
    }
    return values.get(name);
  }

  private static Object taken(Iterator<Object> values) {
    if (!values.hasNext()) {
      throw new TemplateException("there are not enough values for the format");
    }
    return values.next();
  }

  private static int number(String written, Iterator<Object> values, int otherwise) {
    if (written == null) {
      return otherwise;
    }
    if (!written.equals("*")) {
      return Integer.parseInt(written);
    }
    if (Values.number(taken(values)) instanceof Long number) {
      return Math.clamp(number, -1_000_000_000, 1_000_000_000);
    }
    throw new TemplateException("'*' in a format needs a whole number");
  }

  private static String one(
      Evaluation e, Matcher m, int width, int precision, Object value, boolean marked) {
    String flags = m.group(2);
    char type = m.group(5) == null ? 0 : m.group(5).charAt(0);
    boolean left = flags.indexOf('-') >= 0 || width < 0;
    boolean zero = flags.indexOf('0') >= 0 && !left;
    char sign = flags.indexOf('+') >= 0 ? '+' : flags.indexOf(' ') >= 0 ? ' ' : '-';
    return switch (type) {
      case 's', 'r', 'a' -> {
        String text = type == 's' ? e.text(value) : Printing.repr(e, value);
        String shown = marked ? Markup.escaped(value, text).text() : text;
        yield new FormatSpec(
                " ", left ? '<' : '>', '-', false, Math.abs(width), (char) 0, precision, 's')
            .applied(e, shown);
      }
      case 'c' -> {
        if (Values.isText(value) && PythonText.length(Values.text(value)) != 1) {
          throw new TemplateException("the conversion c needs one character");
        }
        char align = left ? '<' : '>';
        yield new FormatSpec(
                " ",
                align,
                '-',
                false,
                Math.abs(width),
                (char) 0,
                -1,
                Values.isText(value) ? 's' : 'c')
            .applied(e, value);
      }
      case 'd', 'i', 'u', 'x', 'X', 'o', 'e', 'E', 'f', 'F', 'g', 'G' -> {
        boolean whole = "diuxXo".indexOf(type) >= 0;
        char letter = type == 'i' || type == 'u' ? 'd' : type;
        Object number = number(type, value);
        char align = left ? '<' : zero ? '=' : '>';
        yield new FormatSpec(
                zero ? "0" : " ",
                align,
                sign,
                flags.indexOf('#') >= 0,
                Math.abs(width),
                (char) 0,
                whole ? -1 : precision,
                letter)
            .applied(e, number);
      }
      default ->
          throw new TemplateException(
              "the format '%" + (type == 0 ? "" : type) + "' is not supported");
    };
  }

  private static Object number(char type, Object value) {
    Object number = Values.number(value);
    if (!Values.isNumber(number)) {
      throw new TemplateException("'%" + type + "' needs a number, not " + Values.typeName(value));
    }
    return number instanceof Double real && "diu".indexOf(type) >= 0
        ? Conversions.truncated(real)
        : number;
  }
}
