package dev.lanewise.trainer.text.template;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;
import java.util.Map;

/** C's strftime, in its own English. */
final class Strftime {
  private static final Map<Character, String> PATTERNS =
      Map.ofEntries(
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('b', "MMM"),
          Map.entry('h', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('d', "dd"),
          Map.entry('m', "MM"),
          Map.entry('y', "uu"),
          Map.entry('Y', "uuuu"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"),
          Map.entry('p', "a"),
          Map.entry('j', "DDD"),
          Map.entry('f', "SSSSSS"),
          Map.entry('F', "uuuu-MM-dd"),
          Map.entry('T', "HH:mm:ss"),
          Map.entry('R', "HH:mm"),
          Map.entry('D', "MM/dd/uu"),
          Map.entry('x', "MM/dd/uu"),
          Map.entry('X', "HH:mm:ss"));

  private Strftime() {}

  static String formatted(ZonedDateTime time, String format) {
    StringBuilder out = new StringBuilder();
    for (int at = 0; at < format.length(); at++) {
      char c = format.charAt(at);
      if (c != '%') {
        out.append(c);
        continue;
      }
      boolean bare = format.startsWith("-", at + 1);
      at += bare ? 2 : 1;
      String field = field(time, at < format.length() ? format.charAt(at) : 0);
      out.append(bare ? field.replaceFirst("^[0 ]+(?=.)", "") : field);
    }
    return out.toString();
  }

  /** The time has no zone for Python, so %Z and %z are empty. */
  private static String field(ZonedDateTime time, char letter) {
    return switch (letter) {
      case '%' -> "%";
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'Z', 'z' -> "";
      case 'e' -> "%2d".formatted(time.getDayOfMonth());
      case 's' -> String.valueOf(time.toEpochSecond());
      case 'u' -> String.valueOf(time.getDayOfWeek().getValue());
      case 'w' -> String.valueOf(time.getDayOfWeek().getValue() % 7);
      case 'G' -> String.valueOf(time.get(IsoFields.WEEK_BASED_YEAR));
      case 'V' -> "%02d".formatted(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'U' ->
          "%02d".formatted((time.getDayOfYear() + 6 - time.getDayOfWeek().getValue() % 7) / 7);
      case 'W' ->
          "%02d".formatted((time.getDayOfYear() + 6 - (time.get(ChronoField.DAY_OF_WEEK) - 1)) / 7);
      case 'c' -> formatted(time, "%a %b %e %H:%M:%S %Y");
      default -> {
        String pattern = PATTERNS.get(letter);
        if (pattern == null) {
          throw new TemplateException("strftime_now() does not know '%" + letter + "'");
        }
        yield DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
      }
    };
  }
}
