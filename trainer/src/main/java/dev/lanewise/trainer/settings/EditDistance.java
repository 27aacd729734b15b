package dev.lanewise.trainer.settings;

/**
 * How many letters two words differ by (Levenshtein, 1966), to guess what a mistyped name meant.
 */
public final class EditDistance {

  /** Words are compared up to here: a name in a hostile file may be as long as the file. */
  private static final int LONGEST = 64;

  private EditDistance() {}

  /** Returns how many letters have to be put in, left out or replaced. */
  public static int between(String left, String right) {
    String a = left.substring(0, Math.min(LONGEST, left.length()));
    String b = right.substring(0, Math.min(LONGEST, right.length()));
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
