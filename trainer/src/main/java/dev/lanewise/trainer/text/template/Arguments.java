package dev.lanewise.trainer.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The arguments of one call: by place, then by name. */
record Arguments(List<Object> positional, Map<String, Object> named) {
  static final Arguments NONE = new Arguments(List.of(), Map.of());

  /** The arguments after the first ones. */
  Arguments after(int count) {
    return new Arguments(positional.subList(count, positional.size()), named);
  }

  /**
   * The arguments by parameter.
   *
   * @param of what is called, for messages
   * @param parameters their names, separated by spaces; those with a question mark may be left out
   */
  Bound bind(String of, String parameters) {
    String[] names = parameters.isEmpty() ? new String[0] : parameters.split(" ");
    if (positional.size() > names.length) {
      throw new TemplateException(of + " takes at most " + names.length + " arguments");
    }
    Map<String, Object> rest = new LinkedHashMap<>(named);
    List<Object> values = new ArrayList<>(positional);
    for (int i = values.size(); i < names.length; i++) {
      boolean optional = names[i].endsWith("?");
      String name = optional ? names[i].substring(0, names[i].length() - 1) : names[i];
      if (!rest.containsKey(name) && !optional) {
        throw new TemplateException(of + " needs its argument '" + name + "'");
      }
      values.add(rest.containsKey(name) ? rest.remove(name) : Bound.ABSENT);
    }
    if (!rest.isEmpty()) {
      throw new TemplateException(
          of + " does not take the argument '" + rest.keySet().iterator().next() + "'");
    }
    return new Bound(of, values);
  }

  /** Arguments by the number of their parameter. */
  record Bound(String of, List<Object> values) {
    private static final Object ABSENT = new Object();

    // Any value may be given, so only the object itself says that none was.
    @SuppressWarnings("ReferenceEquality")
    boolean has(int parameter) {
      return values.get(parameter) != ABSENT;
    }

    Object get(int parameter) {
      return values.get(parameter);
    }

    Object get(int parameter, Object otherwise) {
      return has(parameter) ? values.get(parameter) : otherwise;
    }

    boolean flag(int parameter) {
      return has(parameter) && Values.truth(values.get(parameter));
    }

    int integer(int parameter, int otherwise) {
      return has(parameter) ? integer(parameter) : otherwise;
    }

    int integer(int parameter) {
      Object value = Values.number(values.get(parameter));
      if (value instanceof Long number) {
        return Math.clamp(number, Integer.MIN_VALUE, Integer.MAX_VALUE);
      }
      throw new TemplateException(
          of + " needs a whole number, not " + Values.typeName(values.get(parameter)));
    }

    /** An integer, or what stands for none. */
    int integerOrNone(int parameter, int otherwise) {
      return has(parameter) && values.get(parameter) != null ? integer(parameter) : otherwise;
    }

    String text(int parameter) {
      Object value = values.get(parameter);
      if (!Values.isText(value)) {
        throw new TemplateException(of + " needs a string, not " + Values.typeName(value));
      }
      return Values.text(value);
    }
  }
}
