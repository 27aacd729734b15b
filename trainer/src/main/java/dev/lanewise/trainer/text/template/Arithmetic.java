package dev.lanewise.trainer.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Python's operators on numbers, strings and lists. Ints have no bounds but those of the template's
 * budget.
 */
final class Arithmetic {
  private static final int MOST_BITS = 1 << 14;

  private Arithmetic() {}

  static Object normal(BigInteger value) {
    if (value.bitLength() > MOST_BITS) {
      throw new TemplateException("a number of more than " + MOST_BITS + " bits");
    }
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  static BigInteger big(Object integer) {
    return integer instanceof BigInteger big ? big : BigInteger.valueOf((Long) integer);
  }

  static double real(Object number) {
    return ((Number) number).doubleValue();
  }

  /** -1, 0 or 1; 2 where one is not a number. */
  static int compare(Object a, Object b) {
    if (a instanceof Long x && b instanceof Long y) {
      return Long.compare(x, y);
    }
    if (!(a instanceof Double) && !(b instanceof Double)) {
      return big(a).compareTo(big(b));
    }
    double x = real(a);
    double y = real(b);
    if (Double.isNaN(x) || Double.isNaN(y)) {
      return 2;
    }
    if (Double.isInfinite(x) || Double.isInfinite(y)) {
      return Double.compare(x, y);
    }
    return exact(a).compareTo(exact(b));
  }

  private static BigDecimal exact(Object number) {
    return number instanceof Double real ? new BigDecimal(real) : new BigDecimal(big(number));
  }

  static Object add(Evaluation e, Object a, Object b) {
    if (Values.isText(a) && Values.isText(b)) {
      return e.paid(joined(a, b));
    }
    if (a instanceof List && b instanceof List && !(a instanceof Range) && !(b instanceof Range)) {
      return concatenated(e, Values.items(a), Values.items(b));
    }
    if (a instanceof Tuple left && b instanceof Tuple right) {
      return new Tuple(concatenated(e, left.items(), right.items()));
    }
    return onNumbers("+", a, b);
  }

  private static Object joined(Object a, Object b) {
    if (a instanceof String x && b instanceof String y) {
      return x + y;
    }
    return new Markup(
        Markup.escaped(a, Values.text(a)).text() + Markup.escaped(b, Values.text(b)).text());
  }

  private static List<Object> concatenated(Evaluation e, List<Object> a, List<Object> b) {
    e.spend(a.size() + b.size());
    List<Object> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }

  static Object multiply(Evaluation e, Object a, Object b) {
    boolean leftRepeats =
        Values.isText(a) || (a instanceof List && !(a instanceof Range)) || a instanceof Tuple;
    boolean rightRepeats =
        Values.isText(b) || (b instanceof List && !(b instanceof Range)) || b instanceof Tuple;
    if (leftRepeats && Values.number(b) instanceof Long times) {
      return repeated(e, a, times);
    }
    if (rightRepeats && Values.number(a) instanceof Long times) {
      return repeated(e, b, times);
    }
    return onNumbers("*", a, b);
  }

  private static Object repeated(Evaluation e, Object value, long times) {
    long count = Math.max(0, times);
    if (Values.isText(value)) {
      String text = Values.text(value);
      e.reserve(text.length() * (double) count);
      String result = text.repeat(text.isEmpty() ? 0 : (int) count);
      return value instanceof Markup ? new Markup(result) : result;
    }
    List<Object> items = Values.items(value);
    e.spend((long) Math.min(Long.MAX_VALUE, items.size() * (double) count));
    List<Object> all = new ArrayList<>();
    for (long i = 0; i < count && !items.isEmpty(); i++) {
      all.addAll(items);
    }
    return value instanceof Tuple ? new Tuple(all) : all;
  }

  /** + - * / // % ** of two numbers. */
  static Object onNumbers(String operator, Object left, Object right) {
    Object a = Values.number(left);
    Object b = Values.number(right);
    if (!Values.isNumber(a) || !Values.isNumber(b)) {
      if (a instanceof Undefined undefined) {
        throw undefined.used();
      }
      if (b instanceof Undefined undefined) {
        throw undefined.used();
      }
      throw new TemplateException(
          "'" + operator + "' of " + Values.typeName(left) + " and " + Values.typeName(right));
    }
    if (a instanceof Double || b instanceof Double || operator.equals("/")) {
      return onReals(operator, real(a), real(b));
    }
    BigInteger x = big(a);
    BigInteger y = big(b);
    return switch (operator) {
      case "+" -> normal(x.add(y));
      case "-" -> normal(x.subtract(y));
      case "*" -> normal(x.multiply(y));
      case "//" -> normal(floorDivided(x, y));
      case "%" -> normal(x.subtract(floorDivided(x, y).multiply(y)));
      default -> y.signum() < 0 ? onReals("**", real(a), real(b)) : power(x, y);
    };
  }

  private static BigInteger floorDivided(BigInteger x, BigInteger y) {
    if (y.signum() == 0) {
      throw new TemplateException("division by zero");
    }
    BigInteger[] parts = x.divideAndRemainder(y);
    boolean down = parts[1].signum() != 0 && parts[1].signum() != y.signum();
    return down ? parts[0].subtract(BigInteger.ONE) : parts[0];
  }

  private static Object power(BigInteger x, BigInteger y) {
    if (x.bitLength() <= 1 && x.abs().bitLength() <= 1) {
      boolean one = y.signum() == 0 || x.signum() > 0 || (x.signum() < 0 && !y.testBit(0));
      return one ? 1L : x.signum() == 0 ? 0L : -1L;
    }
    if (y.bitLength() > 16 || y.intValue() * (long) x.bitLength() > MOST_BITS) {
      throw new TemplateException("a number of more than " + MOST_BITS + " bits");
    }
    return normal(x.pow(y.intValue()));
  }

  private static Double onReals(String operator, double x, double y) {
    if ((y == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%")))
        || (x == 0 && y < 0 && operator.equals("**"))) {
      throw new TemplateException("division by zero");
    }
    return switch (operator) {
      case "+" -> x + y;
      case "-" -> x - y;
      case "*" -> x * y;
      case "/" -> x / y;
      case "//" -> Math.floor((x - modulo(x, y)) / y + 0.5);
      case "%" -> modulo(x, y);
      default -> Math.pow(x, y);
    };
  }

  private static double modulo(double x, double y) {
    double rest = x % y;
    return rest != 0 && rest < 0 != y < 0 ? rest + y : rest == 0 ? Math.copySign(0, y) : rest;
  }

  static Object negated(Object value) {
    Object number = Values.number(value);
    if (number instanceof Double real) {
      return -real;
    }
    return onNumbers("-", 0L, number);
  }
}
