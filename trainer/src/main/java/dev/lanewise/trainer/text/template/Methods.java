package dev.lanewise.trainer.text.template;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The methods of Python's types that templates may call. Those that change their value are
 * forbidden, as in the immutable sandbox.
 */
final class Methods {
  private static final Set<String> OF_DICTS = Set.of("get", "items", "keys", "values", "copy");
  private static final Set<String> CHANGE_DICTS =
      Set.of("clear", "pop", "popitem", "setdefault", "update");
  private static final Set<String> CHANGE_LISTS =
      Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");

  /** What Python has and this interpreter does not. */
  private static final Set<String> NOT_SUPPORTED =
      Set.of(
          "encode",
          "translate",
          "maketrans",
          "format_map",
          "expandtabs",
          "fromkeys",
          "is_integer",
          "as_integer_ratio",
          "bit_length",
          "bit_count",
          "to_bytes",
          "from_bytes",
          "conjugate",
          "striptags",
          "unescape",
          "isidentifier");

  private Methods() {}

  static boolean isSupported(String name) {
    return !NOT_SUPPORTED.contains(name);
  }

  static boolean changes(Object of, String name) {
    if (of instanceof Map) {
      return CHANGE_DICTS.contains(name);
    }
    return of instanceof List && !(of instanceof Range) && CHANGE_LISTS.contains(name);
  }

  /** A method bound to its value; null if values of this type do not have it. */
  static Callable of(Object of, String name) {
    if (Values.isText(of)) {
      StringMethods.Method method = StringMethods.named(name);
      return method == null
          ? null
          : (e, arguments) -> StringMethods.call(e, of, name, method, arguments);
    }
    if (of instanceof Map && OF_DICTS.contains(name)) {
      return (e, arguments) -> ofDict(Values.dict(of), name, arguments);
    }
    boolean list = of instanceof List || of instanceof Tuple;
    if (list && (name.equals("count") || name.equals("index"))) {
      return (e, arguments) -> place(e, Values.items(of), name, arguments);
    }
    if (of instanceof List && !(of instanceof Range) && name.equals("copy")) {
      return (e, arguments) -> Values.list(e, of);
    }
    return null;
  }

  private static Object ofDict(Map<Object, Object> dict, String name, Arguments arguments) {
    if (name.equals("get")) {
      Arguments.Bound bound = arguments.bind("get()", "key default?");
      Object key = Values.key(bound.get(0));
      return dict.containsKey(key) ? dict.get(key) : bound.get(1, null);
    }
    arguments.bind(name + "()", "");
    return switch (name) {
      case "items" -> new DictView(dict, DictView.Kind.ITEMS);
      case "keys" -> new DictView(dict, DictView.Kind.KEYS);
      case "values" -> new DictView(dict, DictView.Kind.VALUES);
      default -> dict;
    };
  }

  private static Object place(Evaluation e, List<Object> items, String name, Arguments arguments) {
    Object wanted = arguments.bind(name + "()", "value").get(0);
    long count = 0;
    for (int i = 0; i < items.size(); i++) {
      if (Values.equal(e, items.get(i), wanted)) {
        if (name.equals("index")) {
          return (long) i;
        }
        count++;
      }
    }
    if (name.equals("index")) {
      throw new TemplateException("index(): the value is not in the list");
    }
    return count;
  }
}
