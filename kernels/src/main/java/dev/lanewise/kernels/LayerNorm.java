package dev.lanewise.kernels;

/**
 * Layer normalisation of rows (Ba, Kiros and Hinton, 2016), with gain and optional bias.
 *
 * <p><b>Definition.</b> {@code mean = laneSum(x) * (1/n)}; {@code variance = laneSum((x - mean)²) *
 * (1/n)} where a lane is the chain {@code fma(d, d, ·)}; {@code r = 1 / sqrt(variance + EPSILON)};
 * {@code h = (x - mean) * r}; {@code y = fma(h, gain, bias)}, or {@code h * gain} without bias.
 * Backward: {@code g = dy * gain}; {@code a = laneSum(fma(dy, gain, ·)) * (1/n)}; {@code b =
 * laneSum(fma(g, h, ·)) * (1/n)}; {@code dx = fma(fma(-h, b, g - a), r, dx)}; {@code dGain =
 * fma(dy, h, dGain)} over the rows in ascending order. Lane sums: {@link Lanes}. The gradient of
 * the bias is {@link Elementwise#biasGradient}.
 */
public interface LayerNorm {

  /** Added to the variance. */
  float EPSILON = 1e-5f;

  /**
   * Writes y and each row's mean and reciprocal standard deviation, which the gradients read.
   *
   * @param x rows × n, contiguous; y likewise
   * @param gain n floats at {@code gainOffset}
   * @param bias n floats at {@code biasOffset}, or null
   */
  void forward(
      int rows,
      int n,
      float[] x,
      int xOffset,
      float[] gain,
      int gainOffset,
      float[] bias,
      int biasOffset,
      float[] y,
      int yOffset,
      float[] mean,
      int meanOffset,
      float[] rstd,
      int rstdOffset);

  /**
   * Accumulates into dx.
   *
   * @param dx rows × n: already holds the gradient that reaches x by other ways, zero if none
   */
  void backward(
      int rows,
      int n,
      float[] x,
      int xOffset,
      float[] gain,
      int gainOffset,
      float[] mean,
      int meanOffset,
      float[] rstd,
      int rstdOffset,
      float[] dy,
      int dyOffset,
      float[] dx,
      int dxOffset);

  /**
   * Accumulates into dGain, or n elements of it: a column's chain goes down all rows, so columns
   * are what can be shared out.
   *
   * @param stride from a row of x, and of dy, to the next
   */
  void gainGradient(
      int rows,
      int n,
      int stride,
      float[] x,
      int xOffset,
      float[] mean,
      int meanOffset,
      float[] rstd,
      int rstdOffset,
      float[] dy,
      int dyOffset,
      float[] dGain,
      int dGainOffset);
}
