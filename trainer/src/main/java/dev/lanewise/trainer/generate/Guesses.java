package dev.lanewise.trainer.generate;

/**
 * Guesses how a text goes on: as it went on after the place that is most like its end. A guess
 * costs the rows of a pass and saves as many passes as it has right tokens, so guesses become
 * longer while they are right, and stop for a while when they cost more than they save. What is
 * guessed is never seen in the text: the model decides.
 */
final class Guesses {

  /** Rows that go along for hardly anything: with the token's own four, one tile of a product. */
  private static final int FEWEST = 3;

  static final int MOST = 15;

  /** Tokens that have to be the same before a guess, and those that are looked at. */
  private static final int SHORTEST_MATCH = 3;

  private static final int LONGEST_MATCH = 24;

  /** How far back is looked. */
  private static final int REACH = 4096;

  /** What a guessed token costs in passes. */
  private static final double COST = 0.05;

  /** How far the account may go below zero, and above. */
  private static final double DEBT = 0.6;

  private static final double SAVINGS = 2;

  private static final int FIRST_PAUSE = 32;
  private static final int LONGEST_PAUSE = 1024;

  private final int[] guessed = new int[MOST];
  private int count;
  private int length = FEWEST;
  private double account;
  private int pause = FIRST_PAUSE;
  private long resumeAt;

  /**
   * Guesses the next tokens.
   *
   * @param text tokens
   * @param tokens how many
   * @param most tokens of a guess
   * @return how many are guessed, perhaps none
   */
  int guess(int[] text, int tokens, int most) {
    count = 0;
    if (tokens < resumeAt || most < 1) {
      return 0;
    }
    int from = continuation(text, tokens);
    if (from > 0) {
      count = Math.min(length, most);
      for (int i = 0; i < count; i++) {
        int at = from + i;
        guessed[i] = at < tokens ? text[at] : guessed[at - tokens];
      }
    }
    return count;
  }

  /** What follows the longest match of the text's end, the last of the longest ones; 0 for none. */
  private static int continuation(int[] text, int tokens) {
    int best = SHORTEST_MATCH - 1;
    int after = 0;
    int first = Math.max(0, tokens - REACH);
    for (int end = tokens - 2; end >= first && best < LONGEST_MATCH; end--) {
      if (text[end] != text[tokens - 1]) {
        continue;
      }
      int match = 1;
      while (match < LONGEST_MATCH
          && end - match >= first
          && text[end - match] == text[tokens - 1 - match]) {
        match++;
      }
      if (match > best) {
        best = match;
        after = end + 1;
      }
    }
    return after;
  }

  /** Returns a token of the last guess. */
  int token(int index) {
    return guessed[index];
  }

  /** Writes the last guess to an array. */
  void copyTo(int[] into, int at) {
    System.arraycopy(guessed, 0, into, at, count);
  }

  /**
   * Is told what became of the last guess.
   *
   * @param right how many of its tokens were
   * @param tokens of the text so far
   */
  void settle(int right, long tokens) {
    if (count == 0) {
      return;
    }
    account = Math.min(SAVINGS, account + right - COST * count);
    length = right == count ? Math.min(MOST, 2 * length + 1) : FEWEST;
    if (account < -DEBT) {
      account = 0;
      resumeAt = tokens + pause;
      pause = Math.min(LONGEST_PAUSE, 2 * pause);
    } else if (right > 0) {
      pause = FIRST_PAUSE;
    }
  }
}
