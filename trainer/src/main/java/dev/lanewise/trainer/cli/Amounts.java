package dev.lanewise.trainer.cli;

import java.time.Duration;
import java.util.Locale;

/** Writes numbers for people. */
final class Amounts {

  private Amounts() {}

  /** Bytes in the largest unit that leaves a digit before the point. */
  static String bytes(long bytes) {
    double amount = bytes;
    for (String unit : new String[] {"bytes", "kB", "MB", "GB"}) {
      if (amount < 1024) {
        return String.format(
            Locale.ROOT, unit.equals("bytes") ? "%.0f %s" : "%.1f %s", amount, unit);
      }
      amount /= 1024;
    }
    return String.format(Locale.ROOT, "%.1f TB", amount);
  }

  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** Such as 2h05m, 3m20s, 45s. */
  static String time(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    if (time.toHours() > 0) {
      return "%dh%02dm".formatted(time.toHours(), time.toMinutesPart());
    }
    if (time.toMinutes() > 0) {
      return "%dm%02ds".formatted(time.toMinutes(), time.toSecondsPart());
    }
    return time.toSeconds() + "s";
  }
}
