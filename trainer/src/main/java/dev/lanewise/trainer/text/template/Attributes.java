package dev.lanewise.trainer.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code a.b}, {@code a['b']} and slices, as Jinja2's sandbox looks them up: a dot finds methods
 * first, brackets find keys first.
 */
final class Attributes {
  private Attributes() {}

  /** {@code of.name}. */
  static Object attribute(Object of, String name) {
    if (of instanceof Undefined undefined) {
      throw undefined.used();
    }
    boolean isKey = own(of, name) == null && of instanceof Map<?, ?> map && map.containsKey(name);
    return isKey ? ((Map<?, ?>) of).get(name) : field(of, name);
  }

  /** {@code of|attr(name)}, which does not look for keys. */
  static Object field(Object of, String name) {
    if (of instanceof Undefined undefined) {
      throw undefined.used();
    }
    Object own = own(of, name);
    if (own != null) {
      return own;
    }
    return of instanceof Namespace space && space.attributes.containsKey(name)
        ? space.attributes.get(name)
        : Undefined.attribute(of, name);
  }

  /** {@code of[key]}. */
  static Object item(Object of, Object key) {
    if (of instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (of instanceof Map<?, ?> map && Values.canBeKey(key) && map.containsKey(Values.key(key))) {
      return map.get(Values.key(key));
    }
    if (Values.number(key) instanceof Long index
        && (Values.isText(of) || of instanceof List || of instanceof Tuple)) {
      return at(of, index);
    }
    if (Values.isText(key)) {
      String name = Values.text(key);
      Object own = own(of, name);
      if (own != null) {
        return own;
      }
      if (of instanceof Namespace space && space.attributes.containsKey(name)) {
        return space.attributes.get(name);
      }
    }
    return Undefined.attribute(of, key);
  }

  private static Object at(Object of, long index) {
    long length = Values.length(of);
    long place = index < 0 ? index + length : index;
    if (place < 0 || place >= length) {
      return new Undefined(Values.typeName(of) + " of length " + length + " has no item " + index);
    }
    if (!Values.isText(of)) {
      return Values.items(of).get((int) place);
    }
    String one = PythonText.substring(Values.text(of), (int) place, (int) place + 1);
    return of instanceof Markup ? new Markup(one) : one;
  }

  /** A method or field that values of this type have in Python; null if there is none. */
  private static Object own(Object of, String name) {
    if (name.startsWith("__")
        || Methods.changes(of, name)
        || (name.startsWith("_") && of instanceof Loop)) {
      return new Undefined("the template may not use '" + name + "' of " + Values.typeName(of));
    }
    if (of instanceof Loop loop) {
      return loop.field(name);
    }
    if (of instanceof Range range) {
      return switch (name) {
        case "start" -> range.start;
        case "stop" -> range.stop;
        case "step" -> range.step;
        default -> Methods.of(of, name);
      };
    }
    if (of instanceof Tuple tuple && tuple.fields().contains(name)) {
      return tuple.items().get(tuple.fields().indexOf(name));
    }
    if (of instanceof Macro macro) {
      return macro.field(name);
    }
    return Methods.of(of, name);
  }

  /** {@code of[start:stop:step]}; null where a bound is left out. */
  static Object slice(Evaluation e, Object of, Object start, Object stop, Object step) {
    if (of instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (!Values.isText(of) && !(of instanceof List) && !(of instanceof Tuple)) {
      throw new TemplateException(Values.typeName(of) + " has no slices");
    }
    long stride = step == null ? 1 : bound(step);
    if (stride == 0) {
      throw new TemplateException("a slice with a step of 0");
    }
    int length = (int) Values.length(of);
    boolean forward = stride > 0;
    long from = clamped(start, forward ? 0 : length - 1, length, forward);
    long to = clamped(stop, forward ? length : -1, length, forward);
    e.spend(Math.abs(to - from) / (Values.isText(of) ? 8 : 1));
    if (of instanceof String text && stride == 1) {
      return from < to ? PythonText.substring(text, (int) from, (int) to) : "";
    }
    List<Object> all = Values.items(of);
    List<Object> items = new ArrayList<>();
    for (long i = from;
        forward ? i < to : i > to;
        i += Math.clamp(stride, -1L - length, 1L + length)) {
      items.add(all.get((int) i));
    }
    if (!Values.isText(of)) {
      return of instanceof Tuple ? new Tuple(items) : items;
    }
    StringBuilder text = new StringBuilder();
    items.forEach(text::append);
    return of instanceof Markup ? new Markup(text.toString()) : text.toString();
  }

  private static long bound(Object value) {
    if (Values.number(value) instanceof Long bound) {
      return bound;
    }
    throw new TemplateException(
        "the bounds of a slice are whole numbers, not " + Values.typeName(value));
  }

  private static long clamped(Object bound, long otherwise, int length, boolean forward) {
    if (bound == null) {
      return otherwise;
    }
    long place = bound(bound);
    long counted = place < 0 ? place + length : place;
    return forward ? Math.clamp(counted, 0, length) : Math.clamp(counted, -1, length - 1);
  }
}
