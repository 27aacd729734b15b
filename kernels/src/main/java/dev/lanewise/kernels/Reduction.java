package dev.lanewise.kernels;

/** What a sum of flat arrays, such as gradients, consists of, and what decisions are made from. */
public interface Reduction {

  /** Lanes of a double sum: element i belongs to lane i mod 8. */
  int DOUBLE_LANES = 8;

  /**
   * Σ x². Lane i mod 8 is the chain {@code fma(x, x, ·)} in double; the lanes are folded in halves
   * (lane j + lane j + 4, then 2, then 1).
   */
  double sumOfSquares(int n, float[] x, int xOffset);

  /** y += x, n elements. */
  void add(int n, float[] x, int xOffset, float[] y, int yOffset);
}
