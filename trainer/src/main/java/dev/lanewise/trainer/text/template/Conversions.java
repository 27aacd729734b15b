package dev.lanewise.trainer.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/** The filters {@code int} and {@code float}, and rounding. */
final class Conversions {
  private static final Pattern REAL =
      Pattern.compile(
          "[+-]?(?:\\d+(?:_\\d+)*+\\.?(?:\\d+(?:_\\d+)*+)?|\\.\\d+(?:_\\d+)*+)(?:[eE][+-]?\\d+(?:_\\d+)*+)?");
  private static final int LONGEST_NUMBER = 4300;

  private Conversions() {}

  /** Null where the value is no whole number of this base. */
  static Object integer(Object value, int base) {
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    Object number = Values.number(value);
    if (number instanceof Long || number instanceof BigInteger) {
      return number;
    }
    if (Values.isText(value)) {
      Object parsed =
          parsed(PythonText.stripped(Values.text(value), PythonText::isSpace, true, true), base);
      if (parsed != null) {
        return parsed;
      }
    }
    Double real = real(value);
    return real == null || real.isNaN() || real.isInfinite() ? null : truncated(real);
  }

  private static Object parsed(String text, int base) {
    if (base < 2 || base > 36) {
      throw new TemplateException("int() of base " + base);
    }
    String sign = text.startsWith("-") || text.startsWith("+") ? text.substring(0, 1) : "";
    String digits = PythonText.lower(text.substring(sign.length()));
    String prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "no prefix";
    digits = digits.startsWith(prefix) ? digits.substring(2) : digits;
    boolean wellFormed =
        digits.length() <= LONGEST_NUMBER
            && digits.matches("[^\\W_]+(?:_[^\\W_]+)*+")
            && digits.chars().allMatch(c -> c == '_' || Character.digit(c, base) >= 0);
    return wellFormed
        ? Arithmetic.normal(new BigInteger(sign + digits.replace("_", ""), base))
        : null;
  }

  static Object truncated(double real) {
    if (Double.isNaN(real) || Double.isInfinite(real)) {
      throw new TemplateException("infinity and NaN are no whole numbers");
    }
    return Arithmetic.normal(new BigDecimal(real).toBigInteger());
  }

  /** Null where the value is no number. */
  static Double real(Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.used();
    }
    if (Values.isNumber(value)) {
      return Arithmetic.real(Values.number(value));
    }
    if (!Values.isText(value)) {
      return null;
    }
    String text =
        PythonText.lower(PythonText.stripped(Values.text(value), PythonText::isSpace, true, true));
    String unsigned = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    if (unsigned.equals("nan")) {
      return Double.NaN;
    }
    if (unsigned.equals("inf") || unsigned.equals("infinity")) {
      return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    return text.length() <= LONGEST_NUMBER && REAL.matcher(text).matches()
        ? (Double) Double.parseDouble(text.replace("_", ""))
        : null;
  }

  /** Python's round, which goes to the even neighbour, or floor and ceil at a decimal place. */
  static Object rounded(Object value, int places, String method) {
    Object number = Values.number(value);
    if (!Values.isNumber(number)) {
      throw new TemplateException("round needs a number, not " + Values.typeName(value));
    }
    if (method.equals("common")) {
      return number instanceof Double real
          ? (Object) half(real, places)
          : places >= 0 ? number : roundedInteger(number, places);
    }
    double scale = Math.pow(10, places);
    double scaled = Arithmetic.real(number) * scale;
    return switch (method) {
      case "ceil" -> Math.ceil(scaled) / scale;
      case "floor" -> Math.floor(scaled) / scale;
      default -> throw new TemplateException("round knows the methods common, ceil and floor");
    };
  }

  private static Double half(double real, int places) {
    if (Double.isNaN(real) || Double.isInfinite(real) || places > 400) {
      return real;
    }
    double rounded =
        new BigDecimal(real).setScale(Math.max(-400, places), RoundingMode.HALF_EVEN).doubleValue();
    return rounded == 0 ? Math.copySign(0, real) : rounded;
  }

  private static Object roundedInteger(Object number, int places) {
    BigDecimal rounded =
        new BigDecimal(Arithmetic.big(number))
            .setScale(Math.max(-10_000, places), RoundingMode.HALF_EVEN);
    return Arithmetic.normal(rounded.toBigInteger());
  }
}
