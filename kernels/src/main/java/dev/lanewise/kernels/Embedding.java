package dev.lanewise.kernels;

/** Rows of a token table plus rows of a position table, and the gradients of both tables. */
public interface Embedding {

  /**
   * y[t] = tokens[ids[t]] + positions[firstPosition + t] for t in 0..time-1.
   *
   * @param width floats in a row (C)
   * @param ids token ids from {@code idsOffset}
   * @param y time × width, contiguous
   * @throws IndexOutOfBoundsException if an id points outside the table's array
   */
  void gather(
      int time,
      int width,
      int[] ids,
      int idsOffset,
      int firstPosition,
      float[] tokens,
      int tokensOffset,
      float[] positions,
      int positionsOffset,
      float[] y,
      int yOffset);

  /**
   * Adds row t of dy to the gradients of token ids[t] and of position t, t ascending: a token that
   * occurs twice receives its rows in that order.
   */
  void scatterAdd(
      int time,
      int width,
      int[] ids,
      int idsOffset,
      float[] dy,
      int dyOffset,
      float[] dTokens,
      int dTokensOffset,
      float[] dPositions,
      int dPositionsOffset);
}
