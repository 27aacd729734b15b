package dev.lanewise.trainer.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a value is laid out: Python's format specification, which {@code %} says in other words.
 *
 * @param align &lt;, &gt;, ^, = (between sign and digits), or 0 for the type's own
 * @param sign '+', ' ' or '-'
 * @param precision -1 for none
 * @param grouping ',' or '_' between thousands, or 0
 * @param type the letter, or 0
 */
record FormatSpec(
    String fill,
    char align,
    char sign,
    boolean prefixed,
    int width,
    char grouping,
    int precision,
    char type) {
  private static final Pattern SPECIFICATION =
      Pattern.compile(
          "(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\\d{1,9})?([,_])?(?:\\.(\\d{1,9}))?([a-zA-Z%])?",
          Pattern.DOTALL);

  static FormatSpec parse(String text) {
    Matcher m = SPECIFICATION.matcher(text);
    if (!m.matches()) {
      throw new TemplateException("the format '" + text + "' is not supported");
    }
    boolean zero = m.group(5) != null;
    String fill = m.group(1) != null ? m.group(1) : zero ? "0" : " ";
    return new FormatSpec(
        fill,
        m.group(2) != null ? m.group(2).charAt(0) : zero ? '=' : 0,
        first(m.group(3), '-'),
        m.group(4) != null,
        m.group(6) == null ? 0 : Integer.parseInt(m.group(6)),
        first(m.group(7), (char) 0),
        m.group(8) == null ? -1 : Integer.parseInt(m.group(8)),
        first(m.group(9), (char) 0));
  }

  private static char first(String text, char otherwise) {
    return text == null ? otherwise : text.charAt(0);
  }

  String applied(Evaluation e, Object value) {
    if (Values.isNumber(value)) {
      return number(e, Values.number(value));
    }
    if (!Values.isText(value)
        || (type != 0 && type != 's')
        || align == '='
        || sign != '-'
        || grouping != 0
        || prefixed) {
      throw new TemplateException("this format does not fit " + Values.typeName(value));
    }
    String text = Values.text(value);
    if (precision >= 0 && precision < PythonText.length(text)) {
      text = PythonText.substring(text, 0, precision);
    }
    return StringMethods.padded(e, text, width, fill, align == 0 ? '<' : align);
  }

  private String number(Evaluation e, Object number) {
    e.reserve(8.0 * Math.max(0, precision));
    String digits = type == 'c' ? Character.toString(character(number)) : digits(number);
    boolean negative = digits.startsWith("-");
    String before = (negative ? "-" : sign == '-' ? "" : String.valueOf(sign)) + prefix();
    digits = grouped(negative ? digits.substring(1) : digits);
    if (align == '=') {
      return before + StringMethods.padded(e, digits, width - before.length(), fill, '>');
    }
    return StringMethods.padded(e, before + digits, width, fill, align == 0 ? '>' : align);
  }

  private static int character(Object number) {
    if (number instanceof Long code && code >= 0 && code <= Character.MAX_CODE_POINT) {
      return code.intValue();
    }
    throw new TemplateException("no character has this number");
  }

  private String prefix() {
    return !prefixed
        ? ""
        : type == 'x' || type == 'X' ? "0" + type : type == 'o' ? "0o" : type == 'b' ? "0b" : "";
  }

  private String grouped(String digits) {
    if (grouping == 0) {
      return digits;
    }
    int end = 0;
    while (end < digits.length() && Character.isDigit(digits.charAt(end))) {
      end++;
    }
    StringBuilder whole = new StringBuilder(digits);
    for (int at = end - 3; at > 0; at -= 3) {
      whole.insert(at, grouping);
    }
    return whole.toString();
  }

  private String digits(Object number) {
    return switch (type) {
      case 0 -> {
        if (number instanceof Double real) {
          yield precision < 0 ? Printing.real(real) : general(real);
        }
        if (precision >= 0) {
          throw new TemplateException("a whole number has no precision");
        }
        yield number.toString();
      }
      case 'd', 'n', 'x', 'X', 'o', 'b' -> {
        if (type == 'n' && number instanceof Double real) {
          yield real(real);
        }
        if (number instanceof Double) {
          throw new TemplateException("the format '" + type + "' needs a whole number");
        }
        if (precision >= 0) {
          throw new TemplateException("a whole number has no precision");
        }
        BigInteger integer = Arithmetic.big(number);
        String text =
            integer.toString(
                type == 'o' ? 8 : type == 'b' ? 2 : type == 'd' || type == 'n' ? 10 : 16);
        yield type == 'X' ? PythonText.upper(text) : text;
      }
      case 'f', 'F', 'e', 'E', 'g', 'G', '%' -> real(Arithmetic.real(number));
      default ->
          throw new TemplateException("the format '" + type + "' is not supported for numbers");
    };
  }

  private String real(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Printing.real(value) + (type == '%' ? "%" : "");
    }
    int places = precision < 0 ? 6 : precision;
    String text =
        switch (type) {
          case 'f', 'F' -> fixed(value, places);
          case '%' -> fixed(value * 100, places) + "%";
          case 'e', 'E' -> scientific(value, places);
          default -> general(value);
        };
    return Character.isUpperCase(type) ? PythonText.upper(text) : text;
  }

  private static String fixed(double value, int places) {
    String digits =
        new BigDecimal(Math.abs(value)).setScale(places, RoundingMode.HALF_EVEN).toPlainString();
    return (value < 0 || 1 / value < 0 ? "-" : "") + digits;
  }

  private static String scientific(double value, int places) {
    if (value == 0) {
      return "%s%se+00".formatted(1 / value < 0 ? "-" : "", fixed(0, places));
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(places + 1, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    String digits =
        rounded
            .scaleByPowerOfTen(-exponent)
            .setScale(places, RoundingMode.HALF_EVEN)
            .toPlainString();
    return String.format(
        Locale.ROOT, "%se%s%02d", digits, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private String general(double value) {
    int significant = precision < 0 ? 6 : Math.max(1, precision);
    String scientific = scientific(value, significant - 1);
    int exponent = Integer.parseInt(scientific.substring(scientific.indexOf('e') + 1));
    boolean plain = exponent >= -4 && exponent < (type == 0 ? significant - 1 : significant);
    String text =
        plain
            ? fixed(value, Math.max(0, significant - 1 - exponent))
            : scientific.substring(0, scientific.indexOf('e'));
    if (text.indexOf('.') >= 0 && !prefixed) {
      text = text.replaceFirst("\\.?0+$", "");
    }
    if (plain) {
      return type == 0 && text.indexOf('.') < 0 ? text + ".0" : text;
    }
    return text + scientific.substring(scientific.indexOf('e'));
  }
}
