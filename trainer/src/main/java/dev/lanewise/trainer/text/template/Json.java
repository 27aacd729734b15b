package dev.lanewise.trainer.text.template;

import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Values as Python's json.dumps writes them. */
final class Json {
  private final Evaluation e;
  private final StringBuilder out = new StringBuilder();
  private final boolean ascii;
  private final String indent;
  private final String betweenItems;
  private final String afterKey;
  private final boolean sorted;

  private Json(Evaluation e, Arguments.Bound options) {
    this.e = e;
    this.ascii = options.flag(0);
    Object width = options.get(1, null);
    this.indent =
        width == null
            ? null
            : Values.isText(width)
                ? Values.text(width)
                : " ".repeat(Math.clamp(options.integer(1), 0, 1000));
    Object separators = options.get(2, null);
    List<Object> given = separators == null ? null : Values.list(e, separators);
    if (given != null && (given.size() != 2 || !given.stream().allMatch(Values::isText))) {
      throw new TemplateException("tojson needs two strings as separators");
    }
    this.betweenItems = given != null ? Values.text(given.get(0)) : indent == null ? ", " : ",";
    this.afterKey = given != null ? Values.text(given.get(1)) : ": ";
    this.sorted = options.flag(3);
  }

  static String written(Evaluation e, Object value, Arguments arguments) {
    Json json =
        new Json(e, arguments.bind("tojson", "ensure_ascii? indent? separators? sort_keys?"));
    json.write(value, 0);
    return json.out.toString();
  }

  private void write(Object value, int level) {
    if (Values.isText(value)) {
      e.print(out, quoted(Values.text(value)));
    } else if ((value instanceof List<?> && !(value instanceof Range)) || value instanceof Tuple) {
      items('[', Values.items(value), level, item -> write(item, level + 1), ']');
    } else if (value instanceof Map<?, ?>) {
      dict(Values.dict(value), level);
    } else {
      e.print(out, scalar(value));
    }
  }

  private static String scalar(Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof Boolean || (value instanceof Number && !(value instanceof Double))) {
      return value.toString();
    }
    if (value instanceof Double real) {
      return Double.isNaN(real)
          ? "NaN"
          : Double.isInfinite(real) ? (real > 0 ? "Infinity" : "-Infinity") : Printing.real(real);
    }
    throw new TemplateException(Values.typeName(value) + " cannot be written as JSON");
  }

  private void dict(Map<Object, Object> dict, int level) {
    List<Map.Entry<Object, Object>> entries = new ArrayList<>(dict.entrySet());
    if (sorted) {
      List<Values.Keyed> keyed =
          entries.stream().map(entry -> new Values.Keyed(entry.getKey(), entry.getKey())).toList();
      entries = new ArrayList<>();
      for (Object key : Values.sorted(e, keyed, false)) {
        entries.add(new SimpleEntry<>(key, dict.get(key)));
      }
    }
    items(
        '{',
        entries,
        level,
        entry -> {
          Object key = entry.getKey();
          e.print(out, quoted(Values.isText(key) ? Values.text(key) : scalar(key)) + afterKey);
          write(entry.getValue(), level + 1);
        },
        '}');
  }

  private <T> void items(char begin, List<T> items, int level, Consumer<T> one, char end) {
    out.append(begin);
    e.deeper(
        () -> {
          for (Iterator<T> i = items.iterator(); i.hasNext(); ) {
            newLine(level + 1);
            one.accept(i.next());
            e.print(out, i.hasNext() ? betweenItems : "");
          }
          return out;
        });
    if (!items.isEmpty()) {
      newLine(level);
    }
    out.append(end);
  }

  private void newLine(int level) {
    if (indent != null) {
      e.reserve(indent.length() * (double) level);
      e.print(out, "\n" + indent.repeat(level));
    }
  }

  private String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        case '\b' -> quoted.append("\\b");
        case '\f' -> quoted.append("\\f");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            quoted.append("\\u%04x".formatted((int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
