package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.ScaledSum;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scaled sum against double: its value and the gradients of all that goes into it. */
class ScaledSumAccuracyTest {

  private static final int ROWS = 3;

  private final ScaledSum kernel = ScalarKernels.create().scaledSum();
  private final float[] scales = {0.8f, -1.7f};

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 33, 500})
  void forward(int n) {
    float[] x = Rounding.normal(1, ROWS * n, 1f);
    float[] z = Rounding.normal(2, ROWS * n, 3f);
    float[] y = new float[ROWS * n];
    kernel.forward(0, ROWS, row(scales), rows(x, n), rows(z, n), rows(y, n));
    for (int i = 0; i < y.length; i++) {
      double scaled = (double) scales[0] * x[i];
      double exact = scaled + (double) scales[1] * z[i];
      Rounding.assertWithin("y", y[i], exact, U * (Math.abs(scaled) + Math.abs(exact)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 33, 500})
  void backward(int n) {
    float[] x = Rounding.normal(3, ROWS * n, 1f);
    float[] z = Rounding.normal(4, ROWS * n, 3f);
    float[] dy = Rounding.normal(5, ROWS * n, 0.1f);
    float[] d = dy.clone();
    float[] before = Rounding.normal(6, ROWS * n, 0.1f);
    float[] dz = before.clone();
    float[] dots = new float[ROWS * 2];
    kernel.backward(
        0,
        ROWS,
        row(scales),
        rows(x, n),
        rows(z, n),
        rows(d, n),
        rows(dz, n),
        Matrix.of(dots, 0, 2));
    for (int i = 0; i < d.length; i++) {
      double exactX = (double) scales[0] * dy[i];
      Rounding.assertWithin("dx", d[i], exactX, U * Math.abs(exactX));
      double exactZ = before[i] + (double) scales[1] * dy[i];
      Rounding.assertWithin("dz", dz[i], exactZ, U * Math.abs(exactZ));
    }
    for (int r = 0; r < ROWS; r++) {
      assertDot("of x", dots[2 * r], n, r, dy, x);
      assertDot("of z", dots[2 * r + 1], n, r, dy, z);
    }
  }

  private static void assertDot(String what, float dot, int n, int row, float[] a, float[] b) {
    double exact = 0;
    double magnitude = 0;
    for (int i = row * n; i < (row + 1) * n; i++) {
      exact += (double) a[i] * b[i];
      magnitude += Math.abs((double) a[i] * b[i]);
    }
    Rounding.assertWithin("dot " + what, dot, exact, Rounding.laneSum(n) * U * magnitude);
  }

  private static Matrix row(float[] data) {
    return Matrix.of(data, 0, data.length);
  }

  private static Matrix rows(float[] data, int n) {
    return Matrix.of(data, 0, n);
  }
}
