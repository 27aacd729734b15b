package dev.lanewise.kernels;

/**
 * Layer normalisation of rows (Ba, Kiros and Hinton, 2016), with gain and optional bias.
 *
 * <p><b>Definition.</b> {@code mean = laneSum(x) * (1/n)}; {@code variance = laneSum((x - mean)²) *
 * (1/n)} where a lane is the chain {@code fma(d, d, ·)}; {@code r = 1 / sqrt(variance + epsilon)};
 * {@code h = (x - mean) * r}; {@code y = fma(h, gain, bias)}, or {@code h * gain} without bias.
 * Backward: {@code g = dy * gain}; {@code a = laneSum(fma(dy, gain, ·)) * (1/n)}; {@code b =
 * laneSum(fma(g, h, ·)) * (1/n)}; {@code dx = fma(fma(-h, b, g - a), r, dx)}; {@code dGain =
 * fma(dy, h, dGain)} over the rows in ascending order. Lane sums: {@link Lanes}. The gradient of
 * the bias is {@link Elementwise#biasGradient}.
 */
public interface LayerNorm {

  /**
   * Writes y and each row's mean and reciprocal standard deviation, which the gradients read.
   *
   * @param row the first row, of all matrices
   * @param rows how many
   * @param epsilon added to the variance
   * @param gain one row
   * @param bias one row, or null
   * @param mean one column; rstd likewise
   */
  void forward(
      int row,
      int rows,
      float epsilon,
      Matrix x,
      Matrix gain,
      Matrix bias,
      Matrix y,
      Matrix mean,
      Matrix rstd);

  /**
   * Accumulates into dx.
   *
   * @param dx already holds the gradient that reaches x by other ways, zero if none
   */
  void backward(
      int row, int rows, Matrix x, Matrix gain, Matrix mean, Matrix rstd, Matrix dy, Matrix dx);

  /**
   * Accumulates into some columns of dGain, over the first {@code rows} rows: a column's chain goes
   * down all rows, so the work is cut by columns.
   *
   * @param dGain one row
   */
  void gainGradient(
      int rows,
      int fromColumn,
      int toColumn,
      Matrix x,
      Matrix mean,
      Matrix rstd,
      Matrix dy,
      Matrix dGain);
}
