package dev.lanewise.model.layer;

/**
 * A table with a row for each of the last few tokens together (n-grams), or for several of them
 * where there are fewer rows.
 *
 * <p><b>Definition.</b> The tokens are the one at a position and those right before it, {@code
 * tokens} in all; what lies before a document is token number V. With ids i₁ (the oldest) to i_n
 * the row is {@code (...(i₁ (V+1) + i₂) (V+1) + ...) V + i_n} if the table has a row for each,
 * which it has if {@code V (V+1)^(n-1)} are no more than {@link #rows}. Otherwise, in 64 bits:
 * {@code h = n}; for each id, the oldest first, {@code h = (h + id + 1) * 0x9E3779B97F4A7C15} and
 * {@code h = h ^ (h >>> 32)}; the row is {@code ((h >>> 33) * rows) >>> 31}.
 *
 * @param tokens n, at least 2
 * @param rows at most
 */
public record NgramTable(int tokens, int rows) {

  /** Most tokens that a row stands for. */
  public static final int MOST_TOKENS = 8;

  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException that names the one that is wrong
   */
  public NgramTable {
    if (tokens < 2 || tokens > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "a table of %d tokens together; from 2 to %d are possible"
              .formatted(tokens, MOST_TOKENS));
    }
    if (rows < 1) {
      throw new IllegalArgumentException("a table of %d rows".formatted(rows));
    }
  }

  /** Returns the name of its parameter. */
  public String parameter() {
    return "ngrams.%d.weight".formatted(tokens);
  }

  /** Returns the rows that there are. */
  public int rows(int vocabularySize) {
    return isExact(vocabularySize) ? (int) combinations(vocabularySize) : rows;
  }

  /** Returns whether each combination of tokens has a row of its own. */
  public boolean isExact(int vocabularySize) {
    return combinations(vocabularySize) <= rows;
  }

  private double combinations(int vocabularySize) {
    return vocabularySize * Math.pow(vocabularySize + 1.0, tokens - 1);
  }

  /** Where the row of a position is looked up, for one vocabulary. */
  public final class Lookup {

    private final int vocabularySize;
    private final boolean exact;

    /** Makes it. */
    public Lookup(int vocabularySize) {
      this.vocabularySize = vocabularySize;
      this.exact = isExact(vocabularySize);
    }

    /**
     * Returns the row.
     *
     * @param ids of a text
     * @param at where the newest token is
     * @param before how many tokens of its document lie before it
     */
    public int row(int[] ids, int at, int before) {
      long h = exact ? 0 : tokens;
      for (int back = tokens - 1; back >= 0; back--) {
        int id = back <= before ? ids[at - back] : vocabularySize;
        if (exact) {
          h = h * (back == 0 ? vocabularySize : vocabularySize + 1) + id;
        } else {
          h = (h + id + 1) * MULTIPLIER;
          h ^= h >>> 32;
        }
      }
      return exact ? (int) h : (int) (((h >>> 33) * rows) >>> 31);
    }
  }
}
