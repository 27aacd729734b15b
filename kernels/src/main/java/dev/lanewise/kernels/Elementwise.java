package dev.lanewise.kernels;

/** Sums and products of arrays, element by element, and sums over the rows of a matrix. */
public interface Elementwise {

  /** y = a + b, n elements; y may be a or b: the residual connection. */
  void add(int n, float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset);

  /** y = x · factor, n elements; y may be x. */
  void scale(int n, float factor, float[] x, int xOffset, float[] y, int yOffset);

  /** y[r] = x[r] + bias for each of the rows of n floats; y may be x. */
  void addBias(
      int rows,
      int n,
      float[] x,
      int xOffset,
      float[] bias,
      int biasOffset,
      float[] y,
      int yOffset);

  /**
   * dBias[j] += dy[r, j] over the rows in ascending order: the gradient of a bias, or of n elements
   * of one.
   *
   * @param dy rows of n floats, {@code dyStride} apart
   */
  void biasGradient(
      int rows, int n, float[] dy, int dyOffset, int dyStride, float[] dBias, int dBiasOffset);
}
