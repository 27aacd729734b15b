package dev.lanewise.kernels;

/**
 * Root mean square normalisation of rows (Zhang and Sennrich, 2019), with gain.
 *
 * <p><b>Definition.</b> {@code r = 1 / sqrt(laneSum(x²) * (1/n) + epsilon)} where a lane is the
 * chain {@code fma(x, x, ·)}; {@code h = x * r}; {@code y = h * gain}. Backward: {@code g = dy *
 * gain}; {@code b = laneSum(fma(g, h, ·)) * (1/n)}; {@code dx = fma(fma(-h, b, g), r, dx)}; {@code
 * dGain = fma(dy, h, dGain)} over the rows in ascending order. Lane sums: {@link Lanes}.
 */
public interface RmsNorm {

  /**
   * Writes y and each row's reciprocal root mean square, which the gradients read.
   *
   * @param row the first row, of all matrices
   * @param rows how many
   * @param epsilon added to the mean square
   * @param gain one row
   * @param y may be x
   * @param rms one column
   */
  void forward(int row, int rows, float epsilon, Matrix x, Matrix gain, Matrix y, Matrix rms);

  /**
   * Accumulates into dx.
   *
   * @param dx already holds the gradient that reaches x by other ways, zero if none
   */
  void backward(int row, int rows, Matrix x, Matrix gain, Matrix rms, Matrix dy, Matrix dx);

  /**
   * Accumulates into some columns of dGain, over the first {@code rows} rows: a column's chain goes
   * down all rows, so the work is cut by columns.
   *
   * @param dGain one row
   */
  void gainGradient(
      int rows, int fromColumn, int toColumn, Matrix x, Matrix rms, Matrix dy, Matrix dGain);
}
