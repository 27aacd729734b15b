package dev.lanewise.trainer.run.page;

import dev.lanewise.model.io.Counted;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them. */
public final class Figures {

  /** Bytes. */
  public static final double GIB = 1 << 30;

  /** Bytes. */
  public static final double MIB = 1 << 20;

  private static final MathContext DIGITS = new MathContext(5);
  private static final String[] THOUSANDS = {"", "k", "M", "G", "T"};

  private Figures() {}

  /** Returns a whole number such as 12,300. */
  public static String whole(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Returns a count of steps. */
  public static String steps(long count) {
    return Counted.grouped(count, "step");
  }

  /** Returns a step, or the mean of some, as scripts read it. */
  static String step(double step) {
    return BigDecimal.valueOf(step)
        .setScale(1, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }

  /** Returns five digits of a number, as scripts read it. */
  public static String exact(double value) {
    BigDecimal rounded = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
    return Math.abs(rounded.scale()) <= DIGITS.getPrecision()
        ? rounded.toPlainString()
        : rounded.toString();
  }

  /** Returns a number for an axis: 0.5, 20k, 3e-4. */
  static String tick(double value) {
    if (value == 0) {
      return "0";
    }
    double size = Math.abs(value);
    if (size < 1e-2 || size >= 1e15) {
      return String.format(Locale.ROOT, "%.1e", value)
          .replace(".0e", "e")
          .replaceFirst("e([-+])0", "e$1")
          .replace("e+", "e");
    }
    int power = 0;
    while (size >= 10_000 || (power > 0 && size >= 1000)) {
      size /= 1000;
      power++;
    }
    String digits = String.format(Locale.ROOT, "%.3f", Math.copySign(size, value));
    return digits.replaceFirst("\\.?0+$", "") + THOUSANDS[power];
  }

  /** Returns a length of time such as "2 h 13 min". */
  public static String duration(double milliseconds) {
    long seconds = Math.round(milliseconds / 1e3);
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return String.format(Locale.ROOT, "%d min %d s", seconds / 60, seconds % 60);
    }
    long minutes = seconds / 60;
    if (minutes < 24 * 60) {
      return String.format(Locale.ROOT, "%d h %d min", minutes / 60, minutes % 60);
    }
    return String.format(Locale.ROOT, "%d d %d h", minutes / (24 * 60), minutes / 60 % 24);
  }

  /** Returns an amount of memory such as "1.86 GiB". */
  public static String bytes(double bytes) {
    return bytes >= GIB
        ? String.format(Locale.ROOT, "%.2f GiB", bytes / GIB)
        : String.format(Locale.ROOT, "%.0f MiB", bytes / MIB);
  }
}
