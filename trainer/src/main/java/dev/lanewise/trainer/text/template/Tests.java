package dev.lanewise.trainer.text.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What stands after {@code is}, and comparisons. */
final class Tests {
  /** A test of a value. */
  @FunctionalInterface
  interface Test {
    boolean holds(Evaluation e, Object value, Arguments arguments);
  }

  private static final Map<String, Test> ALL = new HashMap<>();

  static {
    kind("defined", value -> !(value instanceof Undefined));
    kind("undefined", value -> value instanceof Undefined);
    kind("none", value -> value == null);
    kind("boolean", value -> value instanceof Boolean);
    kind("true", Boolean.TRUE::equals);
    kind("false", Boolean.FALSE::equals);
    kind(
        "integer",
        value ->
            Values.isNumber(value) && !(value instanceof Double) && !(value instanceof Boolean));
    kind("float", value -> value instanceof Double);
    kind("number", Values::isNumber);
    kind("string", Values::isText);
    kind("mapping", value -> value instanceof Map);
    kind(
        "sequence",
        value ->
            (Values.hasLength(value) && !(value instanceof DictView))
                || value instanceof Undefined);
    kind("iterable", Values::isIterable);
    kind("callable", value -> value instanceof Callable || value instanceof Undefined);
    kind("escaped", value -> value instanceof Markup);
    kind("odd", value -> isNumber(Arithmetic.onNumbers("%", value, 2L), 1));
    kind("even", value -> isNumber(Arithmetic.onNumbers("%", value, 2L), 0));
    kind("filter", value -> Values.isText(value) && Filters.named(Values.text(value)) != null);
    kind("test", value -> Values.isText(value) && named(Values.text(value)) != null);
    ALL.put(
        "lower",
        (e, value, arguments) -> StringMethods.isCased(e.text(only(value, arguments)), false));
    ALL.put(
        "upper",
        (e, value, arguments) -> StringMethods.isCased(e.text(only(value, arguments)), true));
    ALL.put(
        "sameas", (e, value, arguments) -> same(value, arguments.bind("sameas", "other").get(0)));
    ALL.put(
        "in",
        (e, value, arguments) -> Values.contains(e, arguments.bind("in", "seq").get(0), value));
    ALL.put(
        "divisibleby",
        (e, value, arguments) ->
            Values.equal(
                e,
                Arithmetic.onNumbers("%", value, arguments.bind("divisibleby", "num").get(0)),
                0L));
    comparison("==", "eq", "equalto");
    comparison("!=", "ne");
    comparison(">", "gt", "greaterthan");
    comparison(">=", "ge");
    comparison("<", "lt", "lessthan");
    comparison("<=", "le");
  }

  private Tests() {}

  static Test named(String name) {
    return ALL.get(name);
  }

  private static void kind(String name, Predicate<Object> test) {
    ALL.put(name, (e, value, arguments) -> test.test(only(value, arguments)));
  }

  private static Object only(Object value, Arguments arguments) {
    arguments.bind("the test", "");
    return value;
  }

  private static void comparison(String operator, String... names) {
    Test test =
        (e, value, arguments) ->
            compare(e, operator, value, arguments.bind(operator, "other").get(0));
    ALL.put(operator, test);
    for (String name : names) {
      ALL.put(name, test);
    }
  }

  private static boolean isNumber(Object number, long wanted) {
    return Arithmetic.compare(number, wanted) == 0;
  }

  // What "sameas" asks for, as far as values here have an identity.
  @SuppressWarnings("ReferenceEquality")
  private static boolean same(Object a, Object b) {
    boolean scalar = a instanceof Boolean || a instanceof Number || a instanceof String;
    return a == b || (scalar && a.equals(b));
  }

  static boolean compare(Evaluation e, String operator, Object a, Object b) {
    return switch (operator) {
      case "==" -> Values.equal(e, a, b);
      case "!=" -> !Values.equal(e, a, b);
      case "<" -> Values.less(e, a, b);
      case ">" -> Values.less(e, b, a);
      case "<=" -> isNumbers(a, b) ? List.of(-1, 0).contains(order(a, b)) : !Values.less(e, b, a);
      case ">=" -> isNumbers(a, b) ? List.of(1, 0).contains(order(a, b)) : !Values.less(e, a, b);
      case "in" -> Values.contains(e, b, a);
      default -> !Values.contains(e, b, a);
    };
  }

  private static boolean isNumbers(Object a, Object b) {
    return Values.isNumber(a) && Values.isNumber(b);
  }

  private static int order(Object a, Object b) {
    return Arithmetic.compare(Values.number(a), Values.number(b));
  }
}
