package dev.lanewise.trainer.text.template;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Values as Python's str and repr write them. */
final class Printing {
  private Printing() {}

  static String text(Evaluation e, Object value) {
    if (Values.isText(value)) {
      return Values.text(value);
    }
    if (value instanceof Undefined) {
      return "";
    }
    return repr(e, value);
  }

  static String repr(Evaluation e, Object value) {
    StringBuilder out = new StringBuilder();
    write(e, out, value);
    return out.toString();
  }

  private static void write(Evaluation e, StringBuilder out, Object value) {
    if (value == null) {
      out.append("None");
    } else if (value instanceof Boolean bool) {
      out.append(bool ? "True" : "False");
    } else if (value instanceof Double real) {
      out.append(real(real));
    } else if (value instanceof Number number) {
      out.append(number);
    } else if (value instanceof String text) {
      e.print(out, quoted(text));
    } else if (value instanceof Markup markup) {
      e.print(out, "Markup(" + quoted(markup.text()) + ")");
    } else if (value instanceof Undefined) {
      out.append("Undefined");
    } else if (value instanceof Range range) {
      out.append("range(").append(range.start).append(", ").append(range.stop);
      out.append(range.step == 1 ? "" : ", " + range.step).append(')');
    } else {
      writeContainer(e, out, value);
    }
  }

  private static void writeContainer(Evaluation e, StringBuilder out, Object value) {
    if (value instanceof List<?>) {
      writeItems(e, out, "[", Values.items(value), "]");
    } else if (value instanceof Tuple tuple) {
      writeItems(e, out, "(", tuple.items(), tuple.items().size() == 1 ? ",)" : ")");
    } else if (value instanceof Map<?, ?>) {
      writeDict(e, out, Values.dict(value));
    } else if (value instanceof DictView view) {
      writeItems(e, out, "dict_" + PythonText.lower(view.kind().name()) + "([", view.items(), "])");
    } else if (value instanceof Namespace namespace) {
      out.append("<Namespace ");
      writeDict(e, out, namespace.attributes);
      out.append('>');
    } else if (value instanceof Loop loop) {
      out.append("<LoopContext ")
          .append(loop.index())
          .append('/')
          .append(loop.length())
          .append('>');
    } else if (value instanceof Macro macro) {
      String name = macro.definition().name();
      out.append("<Macro ").append(name == null ? "anonymous" : quoted(name)).append('>');
    } else {
      throw new TemplateException(
          Values.typeName(value)
              + " is printed"
              + (value instanceof Lazy ? "; 'list' makes a list of it" : ""));
    }
  }

  private static void writeItems(
      Evaluation e, StringBuilder out, String begin, List<Object> items, String end) {
    separated(e, out, begin, items, item -> write(e, out, item), end);
  }

  private static void writeDict(Evaluation e, StringBuilder out, Map<Object, Object> dict) {
    separated(
        e,
        out,
        "{",
        dict.entrySet(),
        entry -> {
          write(e, out, entry.getKey());
          out.append(": ");
          write(e, out, entry.getValue());
        },
        "}");
  }

  private static <T> void separated(
      Evaluation e,
      StringBuilder out,
      String begin,
      Iterable<T> items,
      Consumer<T> one,
      String end) {
    e.deeper(
        () -> {
          e.print(out, begin);
          for (Iterator<T> i = items.iterator(); i.hasNext(); ) {
            e.spend(1);
            one.accept(i.next());
            e.print(out, i.hasNext() ? ", " : "");
          }
          return out.append(end);
        });
  }

  static String quoted(String text) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    StringBuilder out = new StringBuilder().append(quote);
    text.codePoints().forEach(c -> out.append(escaped(c, quote)));
    return out.append(quote).toString();
  }

  private static String escaped(int c, char quote) {
    if (c == quote || c == '\\') {
      return "\\" + (char) c;
    }
    if (PythonText.isPrintable(c)) {
      return Character.toString(c);
    }
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default ->
          c < 0x100
              ? "\\x%02x".formatted(c)
              : c < 0x10000 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c);
    };
  }

  /**
   * The shortest digits that are read back as the same number, with an exponent below 1e-4 and from
   * 1e16.
   */
  static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = decimal.precision() - decimal.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = decimal.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = decimal.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return (value < 0 ? "-" : "")
        + mantissa
        + "e"
        + (exponent < 0 ? "-" : "+")
        + "%02d".formatted(Math.abs(exponent));
  }
}
