package dev.lanewise.kernels;

/**
 * The sum of two matrices, each times a number that is learned.
 *
 * <p><b>Definition.</b> With the numbers a and b: {@code y = fma(b, z, a * x)}. Backward: {@code dx
 * = a * dy}, {@code dz = fma(b, dy, dz)}; of each row {@code dots = (laneSum(fma(dy, x, ·)),
 * laneSum(fma(dy, z, ·)))}, whose sums over the rows are the gradients of a and b. Lane sums:
 * {@link Lanes}.
 */
public interface ScaledSum {

  /**
   * y from x and z, in {@code rows} rows from {@code row} on.
   *
   * @param scales one row: a and b
   */
  void forward(int row, int rows, Matrix scales, Matrix x, Matrix z, Matrix y);

  /**
   * Turns dy into dx, accumulates into dz, and writes the rows' dots.
   *
   * @param d the gradient of y, which becomes that of x
   * @param dots two columns
   */
  void backward(
      int row, int rows, Matrix scales, Matrix x, Matrix z, Matrix d, Matrix dz, Matrix dots);
}
