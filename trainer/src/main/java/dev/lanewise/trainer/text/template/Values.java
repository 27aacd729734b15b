package dev.lanewise.trainer.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What Python does with values of different types. None is {@code null}, an int a {@code Long} (or
 * a {@code BigInteger} where it is larger), a float a {@code Double}, a list a {@code List}, a dict
 * a {@code Map} in the order of insertion.
 */
final class Values {
  private static final int DEEPEST_DATA = 200;

  private Values() {}

  /** A value of JSON as templates see it. */
  static Object fromJava(Object value, int depth) {
    if (depth > DEEPEST_DATA) {
      throw new TemplateException("the data is nested more than " + DEEPEST_DATA + " deep");
    }
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double) {
      return value;
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof BigInteger number) {
      return Arithmetic.normal(number);
    }
    if (value instanceof Float || value instanceof BigDecimal) {
      return ((Number) value).doubleValue();
    }
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list.size());
      list.forEach(item -> copy.add(fromJava(item, depth + 1)));
      return copy;
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((key, item) -> copy.put(String.valueOf(key), fromJava(item, depth + 1)));
      return copy;
    }
    throw new IllegalArgumentException("not a value of JSON: " + value.getClass().getName());
  }

  static String typeName(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean) {
      return "a bool";
    }
    if (value instanceof Long || value instanceof BigInteger) {
      return "an int";
    }
    if (value instanceof Double) {
      return "a float";
    }
    if (isText(value)) {
      return "a string";
    }
    if (value instanceof Range) {
      return "a range";
    }
    if (value instanceof List) {
      return "a list";
    }
    if (value instanceof Tuple) {
      return "a tuple";
    }
    if (value instanceof Map) {
      return "a dict";
    }
    if (value instanceof Lazy) {
      return "a generator";
    }
    if (value instanceof DictView) {
      return "a view of a dict";
    }
    if (value instanceof Namespace) {
      return "a namespace";
    }
    return value instanceof Undefined
        ? "what is undefined"
        : value instanceof Loop ? "a loop" : "a function";
  }

  static boolean isText(Object value) {
    return value instanceof String || value instanceof Markup;
  }

  /** The characters of a string, marked as safe or not. */
  static String text(Object value) {
    return value instanceof Markup markup ? markup.text() : (String) value;
  }

  static boolean isNumber(Object value) {
    return value instanceof Long
        || value instanceof Double
        || value instanceof Boolean
        || value instanceof BigInteger;
  }

  /** A number, with a bool as 0 or 1. */
  static Object number(Object value) {
    return value instanceof Boolean bool ? (Object) (bool ? 1L : 0L) : value;
  }

  static boolean truth(Object value) {
    if (value == null || value instanceof Undefined) {
      return false;
    }
    if (value instanceof Boolean bool) {
      return bool;
    }
    if (value instanceof Long number) {
      return number != 0;
    }
    if (value instanceof Double number) {
      return number != 0;
    }
    if (isText(value)) {
      return !text(value).isEmpty();
    }
    if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    if (value instanceof Tuple tuple) {
      return !tuple.items().isEmpty();
    }
    if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    }
    return !(value instanceof DictView view) || !view.of().isEmpty();
  }

  static long length(Object value) {
    if (value instanceof Undefined) {
      return 0;
    }
    if (isText(value)) {
      return PythonText.length(text(value));
    }
    if (value instanceof List<?> list) {
      return list.size();
    }
    if (value instanceof Tuple tuple) {
      return tuple.items().size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof DictView view) {
      return view.of().size();
    }
    if (value instanceof Loop loop) {
      return loop.length();
    }
    throw new TemplateException(typeName(value) + " has no length");
  }

  static boolean hasLength(Object value) {
    return isText(value)
        || value instanceof List
        || value instanceof Tuple
        || value instanceof Map
        || value instanceof DictView;
  }

  static boolean isIterable(Object value) {
    return hasLength(value)
        || value instanceof Undefined
        || value instanceof Lazy
        || value instanceof Loop;
  }

  static Iterator<Object> iterator(Object value) {
    return value instanceof Lazy lazy ? lazy.items() : items(value).iterator();
  }

  /** The items of what can be gone through more than once. */
  @SuppressWarnings("unchecked") // Every List and Map a template can reach was made here.
  static List<Object> items(Object value) {
    if (value instanceof List<?> list) {
      return (List<Object>) list;
    }
    if (value instanceof Tuple tuple) {
      return tuple.items();
    }
    if (value instanceof Map<?, ?> map) {
      return (List<Object>) map.keySet().stream().toList();
    }
    if (value instanceof DictView view) {
      return view.items();
    }
    if (isText(value)) {
      return text(value).codePoints().<Object>mapToObj(Character::toString).toList();
    }
    if (value instanceof Undefined) {
      return List.of();
    }
    throw new TemplateException(typeName(value) + " is not iterable");
  }

  /** A new list of all items. */
  static List<Object> list(Evaluation e, Object value) {
    List<Object> list = new ArrayList<>();
    Iterator<Object> items = iterator(value);
    while (items.hasNext()) {
      e.spend(1);
      list.add(items.next());
    }
    return list;
  }

  @SuppressWarnings("unchecked") // As above.
  static Map<Object, Object> dict(Object value) {
    return (Map<Object, Object>) value;
  }

  /** A value as the key of a dict; 1.0 is 1. */
  static Object key(Object value) {
    if (value instanceof Double number
        && number == Math.rint(number)
        && Math.abs(number) < 1L << 53) {
      return number.longValue();
    }
    if (value instanceof Markup markup) {
      return markup.text();
    }
    if (value instanceof Tuple tuple) {
      return new Tuple(tuple.items().stream().map(Values::scalarKey).toList());
    }
    return scalarKey(value);
  }

  /** What is the same for values that are the same key: true is 1 there, and 1.0 is too. */
  static Object identity(Object value) {
    if (value instanceof Tuple tuple) {
      return new Tuple(tuple.items().stream().map(Values::identity).toList());
    }
    Object key = key(value);
    if (key instanceof Boolean flag) {
      return flag ? 1L : 0L;
    }
    if (key instanceof Double real && real == Math.rint(real) && !real.isInfinite()) {
      BigInteger whole = new BigDecimal(real).toBigInteger();
      return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : whole;
    }
    return key;
  }

  private static Object scalarKey(Object value) {
    if (value == null || isText(value) || isNumber(value) || value instanceof Undefined) {
      return value instanceof Markup markup ? markup.text() : value;
    }
    throw new TemplateException(typeName(value) + " cannot be the key of a dict");
  }

  static boolean canBeKey(Object value) {
    return value == null || isText(value) || isNumber(value) || value instanceof Undefined;
  }

  // The same object is equal without a look inside.
  @SuppressWarnings("ReferenceEquality")
  static boolean equal(Evaluation e, Object a, Object b) {
    e.spend(1);
    if (a == b) {
      return true;
    }
    if (isNumber(a) && isNumber(b)) {
      return Arithmetic.compare(number(a), number(b)) == 0;
    }
    if (isText(a) && isText(b)) {
      return text(a).equals(text(b));
    }
    if (a instanceof List<?>
        && b instanceof List<?>
        && (a instanceof Range == b instanceof Range)) {
      return equalItems(e, items(a), items(b));
    }
    if (a instanceof Tuple left && b instanceof Tuple right) {
      return equalItems(e, left.items(), right.items());
    }
    if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      return equalDicts(e, left, right);
    }
    return a instanceof Undefined && b instanceof Undefined;
  }

  private static boolean equalItems(Evaluation e, List<Object> a, List<Object> b) {
    return a.size() == b.size()
        && e.deeper(
            () -> {
              for (int i = 0; i < a.size(); i++) {
                if (!equal(e, a.get(i), b.get(i))) {
                  return false;
                }
              }
              return true;
            });
  }

  private static boolean equalDicts(Evaluation e, Map<?, ?> a, Map<?, ?> b) {
    return a.size() == b.size()
        && e.deeper(
            () ->
                a.entrySet().stream()
                    .allMatch(
                        entry ->
                            b.containsKey(entry.getKey())
                                && equal(e, entry.getValue(), b.get(entry.getKey()))));
  }

  /** Python's a &lt; b; NaN is not less than anything. */
  static boolean less(Evaluation e, Object a, Object b) {
    e.spend(1);
    if (isNumber(a) && isNumber(b)) {
      return Arithmetic.compare(number(a), number(b)) == -1;
    }
    if (isText(a) && isText(b)) {
      return PythonText.compare(text(a), text(b)) < 0;
    }
    boolean lists =
        a instanceof List && b instanceof List && !(a instanceof Range) && !(b instanceof Range);
    if (lists || (a instanceof Tuple && b instanceof Tuple)) {
      List<Object> left = items(a);
      List<Object> right = items(b);
      return e.deeper(
          () -> {
            for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
              if (!equal(e, left.get(i), right.get(i))) {
                return less(e, left.get(i), right.get(i));
              }
            }
            return left.size() < right.size();
          });
    }
    if (a instanceof Undefined undefined) {
      throw undefined.used();
    }
    throw new TemplateException(typeName(a) + " and " + typeName(b) + " have no order");
  }

  static boolean contains(Evaluation e, Object container, Object item) {
    if (isText(container)) {
      if (!isText(item)) {
        throw new TemplateException("only a string can be in a string, not " + typeName(item));
      }
      e.spend(text(container).length() / 16);
      return text(container).contains(text(item));
    }
    if (container instanceof Map<?, ?> map) {
      return map.containsKey(key(item));
    }
    if (container instanceof DictView view && view.kind() == DictView.Kind.KEYS) {
      return view.of().containsKey(key(item));
    }
    Iterator<Object> items = iterator(container);
    while (items.hasNext()) {
      if (equal(e, items.next(), item)) {
        return true;
      }
    }
    return false;
  }

  /** An item with what it is sorted by. */
  record Keyed(Object key, Object item) {}

  /**
   * Sorts, stably, by Python's order. Not by the JDK's sort, which throws where an order
   * contradicts itself, as that of NaN does.
   *
   * @param reverse from large to small; equal ones stay in their order
   */
  static List<Object> sorted(Evaluation e, List<Keyed> items, boolean reverse) {
    Keyed[] from = items.toArray(Keyed[]::new);
    if (reverse) {
      Collections.reverse(Arrays.asList(from));
    }
    Keyed[] to = from.clone();
    mergeSort(e, to, from, 0, from.length);
    if (reverse) {
      Collections.reverse(Arrays.asList(from));
    }
    List<Object> sorted = new ArrayList<>(from.length);
    for (Keyed keyed : from) {
      sorted.add(keyed.item());
    }
    return sorted;
  }

  private static void mergeSort(Evaluation e, Keyed[] from, Keyed[] to, int begin, int end) {
    if (end - begin < 2) {
      return;
    }
    int middle = (begin + end) >>> 1;
    mergeSort(e, to, from, begin, middle);
    mergeSort(e, to, from, middle, end);
    int left = begin;
    int right = middle;
    for (int i = begin; i < end; i++) {
      boolean takesRight =
          left == middle || (right < end && less(e, from[right].key(), from[left].key()));
      to[i] = takesRight ? from[right++] : from[left++];
    }
  }
}
