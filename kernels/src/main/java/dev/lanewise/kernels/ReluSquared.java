package dev.lanewise.kernels;

/**
 * The square of what is above zero (So et al., 2021): y = max(x, 0)².
 *
 * <p><b>Definition.</b> {@code r = max(x, 0)}, {@code y = r * r}. Backward: {@code dx = dy * (r +
 * r)}.
 */
public interface ReluSquared {

  /** y from x, in {@code rows} rows from {@code row} on; y may be x. */
  void forward(int row, int rows, Matrix x, Matrix y);

  /** Writes dx, which may be dy. */
  void backward(int row, int rows, Matrix x, Matrix dy, Matrix dx);
}
