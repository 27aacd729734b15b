package dev.lanewise.model.io;

import java.util.Locale;

/** Puts how many there are of something into words for people. */
public final class Counted {

  private Counted() {}

  /**
   * Such as {@code 1 file} or {@code 1200 files}.
   *
   * @param noun of one of them; that of several ends in an s
   */
  public static String of(long count, String noun) {
    return of(count, noun, noun + "s");
  }

  /** As {@link #of(long, String)}, for figures: {@code 12,000 files}. */
  public static String grouped(long count, String noun) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? noun : noun + "s");
  }

  /** As {@link #of(long, String)}, where that of several is not made by an s. */
  public static String of(long count, String noun, String nouns) {
    return count + " " + (count == 1 ? noun : nouns);
  }
}
