package dev.lanewise.kernels;

/**
 * Softmax of rows, with a scale: y = softmax(scale · x).
 *
 * <p><b>Definition.</b> With {@code z = scale * x}, {@code m} the maximum of z (as {@link Math#max}
 * orders floats), {@code e = exp(z - m)} and {@code s} the {@linkplain Lanes lane sum} of e: {@code
 * y = e * (1 / s)}. Backward: with {@code d} the lane sum of the chain {@code fma(y, dy, ·)},
 * {@code dx = scale * (y * (dy - d))}.
 */
public interface Softmax {

  /** Writes y from x, one row after another; x and y may be the same slice. */
  void forward(
      int rows,
      int n,
      float scale,
      float[] x,
      int xOffset,
      int xStride,
      float[] y,
      int yOffset,
      int yStride);

  /** Writes dx from the softmax's output y and its gradient dy; dx and dy may be the same slice. */
  void backward(
      int rows,
      int n,
      float scale,
      float[] y,
      int yOffset,
      int yStride,
      float[] dy,
      int dyOffset,
      int dyStride,
      float[] dx,
      int dxOffset,
      int dxStride);
}
