package dev.lanewise.kernels;

/**
 * The heads of an attention. Each key/value head serves a group of neighbouring query heads: one in
 * multi-head attention (Vaswani et al., 2017), several in grouped-query attention (Ainslie et al.,
 * 2023), all in multi-query attention.
 *
 * @param queries query heads
 * @param keyValues key/value heads, which divide the query heads
 * @param size floats of a head in one position (D)
 */
public record Heads(int queries, int keyValues, int size) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is not positive, or the groups are not of one size
   */
  public Heads {
    if (queries < 1 || keyValues < 1 || size < 1) {
      throw new IllegalArgumentException(
          "%d query heads, %d key/value heads of %d floats: each has to be positive"
              .formatted(queries, keyValues, size));
    }
    if (queries % keyValues != 0) {
      throw new IllegalArgumentException(
          "%d query heads are not a multiple of %d key/value heads".formatted(queries, keyValues));
    }
  }

  /** Returns the query heads that share a key/value head. */
  public int group() {
    return queries / keyValues;
  }

  /** Returns the floats of all queries in one position. */
  public int queryWidth() {
    return queries * size;
  }

  /** Returns the floats of all keys, or of all values, in one position. */
  public int keyValueWidth() {
    return keyValues * size;
  }
}
