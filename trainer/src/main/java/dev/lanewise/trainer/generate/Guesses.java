package dev.lanewise.trainer.generate;

import java.util.Arrays;

/**
 * Guesses how a text goes on: as it went on after the place that is most like its end. A guess
 * costs the rows of a pass and saves as many passes as it has right tokens. So it is as long as
 * pays best by what passes take and by how often such guesses were right, which is known of those
 * that were not made too: the text says it afterwards. What is guessed is never seen in the text:
 * the model decides.
 */
final class Guesses {

  static final int MOST = 15;

  /** With the token's own row, whole tiles of a product. */
  private static final int[] LENGTHS = {3, 7, MOST};

  /** Tokens that have to be the same before a guess, and those that are looked at. */
  private static final int SHORTEST_MATCH = 3;

  private static final int LONGEST_MATCH = 24;

  /** How far back is looked. */
  private static final int REACH = 4096;

  /** Matches of less than twice the length are one kind. */
  private static final int KINDS = kind(LONGEST_MATCH) + 1;

  /** Guessed tokens of a kind after which older ones count half. */
  private static final int MEMORY = 64;

  /** By the kind of match, guessed tokens that could be compared, and those of them right. */
  private final double[] compared = new double[KINDS];

  private final double[] right = new double[KINDS];
  private final int[] guessed = new int[MOST];
  private int predicted;
  private int predictedAt;
  private int kind;

  private int match;
  private int matchEnd;

  Guesses() {
    // Before anything is known, one in three is wrong.
    Arrays.fill(compared, 3);
    Arrays.fill(right, 2);
  }

  private static int kind(int match) {
    return Integer.numberOfTrailingZeros(Integer.highestOneBit(match / SHORTEST_MATCH));
  }

  /**
   * Guesses the next tokens.
   *
   * @param text tokens
   * @param tokens how many, those since the last call among them
   * @param most tokens of a guess
   * @param times of passes
   * @param rows of the pass, this text's own among them
   * @param texts that each get a token by the pass
   * @return how many are guessed, perhaps none
   */
  int guess(int[] text, int tokens, int most, PassTimes times, int rows, int texts) {
    learn(text, tokens);
    predicted = 0;
    if (most < 1) {
      return 0;
    }
    find(text, tokens);
    if (match < SHORTEST_MATCH) {
      return 0;
    }
    kind = kind(match);
    int length = best(most, times, rows, texts);
    // Of a guess that is not made too, the first token will be compared.
    predicted = Math.max(1, length);
    predictedAt = tokens;
    for (int i = 0; i < predicted; i++) {
      int at = matchEnd + i;
      guessed[i] = at < tokens ? text[at] : guessed[at - tokens];
    }
    return length;
  }

  private void learn(int[] text, int tokens) {
    for (int i = 0; i < predicted && predictedAt + i < tokens; i++) {
      boolean same = text[predictedAt + i] == guessed[i];
      compared[kind]++;
      right[kind] += same ? 1 : 0;
      if (!same) {
        break;
      }
    }
    if (compared[kind] > MEMORY) {
      compared[kind] /= 2;
      right[kind] /= 2;
    }
  }

  /** The length with most tokens for the time. */
  private int best(int most, PassTimes times, int rows, int texts) {
    double share = right[kind] / compared[kind];
    int best = 0;
    double bestRate = texts;
    for (int length : LENGTHS) {
      int possible = Math.min(length, most);
      double expected = 0;
      double all = 1;
      for (int i = 0; i < possible; i++) {
        all *= share;
        expected += all;
      }
      double rate = (texts + expected) / times.withMore(rows, possible);
      if (rate > bestRate) {
        best = possible;
        bestRate = rate;
      }
    }
    return best;
  }

  /** Finds the longest match of the text's end, the last of the longest ones. */
  private void find(int[] text, int tokens) {
    match = 0;
    int first = Math.max(0, tokens - REACH);
    for (int end = tokens - 2; end >= first && match < LONGEST_MATCH; end--) {
      if (text[end] != text[tokens - 1]) {
        continue;
      }
      int length = 1;
      while (length < LONGEST_MATCH
          && end - length >= first
          && text[end - length] == text[tokens - 1 - length]) {
        length++;
      }
      if (length > match) {
        match = length;
        matchEnd = end + 1;
      }
    }
  }

  /** Returns a token of the last guess. */
  int token(int index) {
    return guessed[index];
  }

  /** Writes the first tokens of the last guess to an array. */
  void copyTo(int[] into, int at, int count) {
    System.arraycopy(guessed, 0, into, at, count);
  }
}
