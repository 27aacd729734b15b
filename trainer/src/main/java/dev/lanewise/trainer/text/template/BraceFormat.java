package dev.lanewise.trainer.text.template;

/**
 * Python's {@code 'text {}'.format(...)}: places by number, order or name, with attributes, items,
 * conversions and specifications.
 */
final class BraceFormat {
  private final Evaluation e;
  private final String format;
  private final Arguments arguments;
  private int at;
  private int automatic;

  private BraceFormat(Evaluation e, String format, Arguments arguments) {
    this.e = e;
    this.format = format;
    this.arguments = arguments;
  }

  static Object formatted(Evaluation e, String format, Arguments arguments) {
    return new BraceFormat(e, format, arguments).text(false);
  }

  /** Up to the end of the format, or, within a specification, up to the brace that ends it. */
  private String text(boolean inSpecification) {
    StringBuilder out = new StringBuilder();
    while (at < format.length()) {
      char c = format.charAt(at);
      if (inSpecification && c == '}') {
        return out.toString();
      }
      at++;
      if (c == '{' && (inSpecification || !format.startsWith("{", at))) {
        e.print(out, field(inSpecification));
      } else {
        if (c == '{' || c == '}') {
          if (!format.startsWith(String.valueOf(c), at)) {
            throw new TemplateException("a single '" + c + "' in a format");
          }
          at++;
        }
        out.append(c);
      }
    }
    return out.toString();
  }

  private String field(boolean inSpecification) {
    int begin = at;
    while (at < format.length() && "!:}{".indexOf(format.charAt(at)) < 0) {
      at++;
    }
    Object value = value(format.substring(begin, at));
    if (format.startsWith("!", at)) {
      char conversion = at + 1 < format.length() ? format.charAt(at + 1) : 0;
      if (conversion != 's' && conversion != 'r') {
        throw new TemplateException("formats know the conversions !s and !r");
      }
      value = conversion == 's' ? e.text(value) : Printing.repr(e, value);
      at += 2;
    }
    String specification = "";
    if (format.startsWith(":", at)) {
      if (inSpecification) {
        throw new TemplateException("a format is nested too deep");
      }
      at++;
      specification = text(true);
    }
    if (!format.startsWith("}", at)) {
      throw new TemplateException("a '{' in a format is not closed");
    }
    at++;
    return specification.isEmpty()
        ? e.text(value)
        : FormatSpec.parse(specification).applied(e, value);
  }

  private Object value(String field) {
    int end = 0;
    while (end < field.length() && field.charAt(end) != '.' && field.charAt(end) != '[') {
      end++;
    }
    Object value = first(field.substring(0, end));
    while (end < field.length()) {
      int begin = end + 1;
      if (field.charAt(end) == '[') {
        int close = field.indexOf(']', begin);
        if (close < 0) {
          throw new TemplateException("a '[' in a format is not closed");
        }
        String key = field.substring(begin, close);
        value = Attributes.item(value, isNumber(key) ? (Object) Long.parseLong(key) : key);
        end = close + 1;
      } else {
        end = begin;
        while (end < field.length() && field.charAt(end) != '.' && field.charAt(end) != '[') {
          end++;
        }
        value = Attributes.attribute(value, field.substring(begin, end));
      }
    }
    if (value instanceof Undefined undefined && field.length() > 0 && !isNumber(field)) {
      throw undefined.used();
    }
    return value;
  }

  private static boolean isNumber(String text) {
    return text.matches("[0-9]{1,9}");
  }

  private Object first(String name) {
    if (name.isEmpty() || isNumber(name)) {
      int place = name.isEmpty() ? automatic++ : Integer.parseInt(name);
      if (place >= arguments.positional().size()) {
        throw new TemplateException("there are not enough values for the format");
      }
      return arguments.positional().get(place);
    }
    if (!arguments.named().containsKey(name)) {
      throw new TemplateException("the format has no value named '" + name + "'");
    }
    return arguments.named().get(name);
  }
}
