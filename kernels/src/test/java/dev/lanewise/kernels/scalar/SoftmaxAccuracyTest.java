package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.TRANSCENDENTAL;
import static dev.lanewise.kernels.scalar.Rounding.U;

import dev.lanewise.kernels.Softmax;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Softmax against double. */
class SoftmaxAccuracyTest {

  private final Softmax softmax = ScalarKernels.create().softmax();

  /**
   * Each exponent z - max is off by U |z| (its product with the scale) and U |z - max|, at most
   * {@code h} over the row, which makes e off by h and the exponential's own error; the sum of them
   * likewise, and by its additions; then two roundings.
   */
  static double relativeBound(int n, double h) {
    return 2 * (h + TRANSCENDENTAL) + (Rounding.laneSum(n) + 2) * U;
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "33, 1", "100, 0.125", "1000, 5", "5000, 1"})
  void forward(int n, float scale) {
    float[] x = Rounding.normal(n, n, 3f);
    float[] y = new float[n];
    softmax.forward(1, n, scale, x, 0, n, y, 0, n);
    double max = Double.NEGATIVE_INFINITY;
    double min = Double.POSITIVE_INFINITY;
    for (float v : x) {
      max = Math.max(max, (double) scale * v);
      min = Math.min(min, (double) scale * v);
    }
    double sum = 0;
    for (float v : x) {
      sum += StrictMath.exp((double) scale * v - max);
    }
    double h = U * (Math.max(Math.abs(max), Math.abs(min)) + (max - min));
    for (int j = 0; j < n; j++) {
      double exact = StrictMath.exp((double) scale * x[j] - max) / sum;
      // Denormal exponentials have an absolute error instead.
      double bound = relativeBound(n, h) * exact + 4 * Float.MIN_VALUE;
      Rounding.assertWithin("y(%d)".formatted(j), y[j], exact, bound);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "33, 0.5", "1000, 0.125"})
  void backward(int n, float scale) {
    float[] y = new float[n];
    softmax.forward(1, n, 1f, Rounding.normal(n, n, 1f), 0, n, y, 0, n);
    float[] dy = Rounding.normal(n + 1L, n, 1f);
    float[] dx = new float[n];
    softmax.backward(1, n, scale, y, 0, n, dy, 0, n, dx, 0, n);
    double dot = 0;
    double magnitude = 0;
    for (int j = 0; j < n; j++) {
      dot += (double) y[j] * dy[j];
      magnitude += Math.abs((double) y[j] * dy[j]);
    }
    for (int j = 0; j < n; j++) {
      double exact = scale * (y[j] * (dy[j] - dot));
      double bound = scale * y[j] * Rounding.laneSum(n) * U * magnitude + 3 * U * Math.abs(exact);
      Rounding.assertWithin("dx(%d)".formatted(j), dx[j], exact, bound);
    }
  }
}
