package dev.lanewise.kernels;

/**
 * Matrix products, with one operand packed into column panels beforehand.
 *
 * <p><b>Definition.</b> Each element of C is one chain of fused multiply-adds, in ascending order
 * of the inner index: {@code c = start(i, j); for p in 0..k-1: c = fma(a(i, p), b(p, j), c)}.
 * Nothing else about a product is observable in its bits, so register tiles, vector width and cache
 * blocks are free choices of an implementation.
 *
 * <p>The start is how products are composed: nothing (zero), a bias (one row for all rows of C), or
 * C itself, which accumulates. Training needs three forms:
 *
 * <ul>
 *   <li>Y = X W + bias: {@link #pack} W, then {@link #multiply};
 *   <li>dX = dY W<sup>T</sup>: {@link #packTransposed} W, then {@link #multiply};
 *   <li>dW += X<sup>T</sup> dY: {@link #pack} dY, then {@link #multiplyTransposed}.
 * </ul>
 *
 * <p>The second also goes as dX<sup>T</sup> = W dY<sup>T</sup>, with the same chains: {@link
 * #packTransposed} dY, {@link #multiply} W as it lies, {@link #transpose} the result. With few rows
 * that is less to move than a packed W.
 *
 * <p>Packed form of B (k × n): panels of {@link #panelWidth} columns, each k rows of that many
 * floats, the last panel padded with zeros. Panel q therefore starts at {@code q * k *
 * panelWidth()}, and a range of panels is itself a packed matrix.
 */
public interface Matmul {

  /** Columns of one packed panel. */
  int panelWidth();

  /** Floats that a packed k × n matrix takes. */
  default int packedSize(int k, int n) {
    return Math.multiplyExact(Math.multiplyExact(Math.ceilDiv(n, panelWidth()), panelWidth()), k);
  }

  /** Packs B, given as k rows of n. */
  void pack(int k, int n, float[] b, int bOffset, int bStride, float[] packed, int packedOffset);

  /** Packs B, given by its transpose: n rows of k. */
  void packTransposed(
      int k, int n, float[] bT, int bOffset, int bStride, float[] packed, int packedOffset);

  /**
   * Y (n × m) = X<sup>T</sup> of X (m × n), for a product that was computed the other way round. X
   * and Y must not overlap.
   */
  void transpose(
      int m, int n, float[] x, int xOffset, int xStride, float[] y, int yOffset, int yStride);

  /**
   * C = start + A B.
   *
   * @param m rows of A and C
   * @param n columns of B and C
   * @param k columns of A, rows of B
   * @param a m rows of k
   * @param packed B in packed form
   * @param start where each chain begins: null for zero, C (with C's offset and stride) to
   *     accumulate, or any other matrix; stride 0 repeats one row, such as a bias
   * @param c m rows of n; must not overlap A or the packed B
   */
  void multiply(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      float[] packed,
      int packedOffset,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride);

  /** C = start + A<sup>T</sup> B: as {@link #multiply}, with A given as k rows of m. */
  void multiplyTransposed(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      float[] packed,
      int packedOffset,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride);
}
