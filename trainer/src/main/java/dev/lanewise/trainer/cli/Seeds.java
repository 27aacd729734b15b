package dev.lanewise.trainer.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code --seeds} takes: {@code 1..5}, {@code 1,2,7}, or {@code 1..3,7}. */
final class Seeds {

  private static final int MOST = 1000;
  private static final Pattern PART = Pattern.compile("(\\d{1,18})(?:\\.\\.(\\d{1,18}))?");

  private Seeds() {}

  /**
   * Reads seeds, in their order.
   *
   * @throws IllegalArgumentException whose message says what is wrong
   */
  static List<Long> parse(String text) {
    Set<Long> seeds = new LinkedHashSet<>();
    for (String part : text.split(",", -1)) {
      Matcher matcher = PART.matcher(part.strip());
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "--seeds %s: give numbers from 0 to 10^18 - 1, such as 1..5 or 1,2,7".formatted(text));
      }
      long first = Long.parseLong(matcher.group(1));
      long last = matcher.group(2) == null ? first : Long.parseLong(matcher.group(2));
      if (last < first) {
        throw new IllegalArgumentException(
            "--seeds %s: %d comes before %d".formatted(text, last, first));
      }
      if (last - first >= MOST - seeds.size()) {
        throw new IllegalArgumentException(
            "--seeds %s: take at most %d of them".formatted(text, MOST));
      }
      for (long seed = first; seed <= last; seed++) {
        if (!seeds.add(seed)) {
          throw new IllegalArgumentException(
              "--seeds %s: %d is among them twice".formatted(text, seed));
        }
      }
    }
    return List.copyOf(seeds);
  }
}
