package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.TRANSCENDENTAL;
import static dev.lanewise.kernels.scalar.Rounding.U;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.ErfGelu;
import dev.lanewise.kernels.Matrix;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** GELU by the normal distribution against double. */
class ErfGeluAccuracyTest {

  /** The polynomial and t, relatively: the fit, the roundings of t and of the chain. */
  private static final double POLYNOMIAL = 7 * U;

  /** The largest error of the function, as a multiple of the greater of 1 and |x|. */
  private static final double FORWARD_BOUND = 4 * U;

  private static final int COUNT = 400_001;

  private final ErfGelu gelu = ScalarKernels.create().erfGelu();
  private final float[] x = new float[COUNT];

  ErfGeluAccuracyTest() {
    for (int i = 0; i < COUNT; i++) {
      x[i] = (i - COUNT / 2) * 1e-4f;
    }
  }

  /** a² rounds, and so does the exponential of its half. */
  private static double exponentialError(double a) {
    return a * a / 2 * U + TRANSCENDENTAL;
  }

  private static double tailError(double a) {
    return exponentialError(a) + POLYNOMIAL + 2 * U;
  }

  @Test
  void forward() {
    float[] y = new float[COUNT];
    gelu.forward(0, 1, Matrix.of(x, 0, COUNT), Matrix.of(y, 0, COUNT));
    for (int i = 0; i < COUNT; i++) {
      double a = Math.abs((double) x[i]);
      double tail = NormalTail.of(a);
      double exact = Math.max(x[i], 0) - a * tail;
      double bound = a * tail * tailError(a) + U * Math.abs(exact) + a * Float.MIN_VALUE;
      Rounding.assertWithin("gelu(%s)".formatted(x[i]), y[i], exact, bound);
      assertThat(Math.abs(y[i] - exact))
          .as("gelu(%s), absolutely", x[i])
          .isLessThanOrEqualTo(FORWARD_BOUND * Math.max(1, a));
    }
  }

  @Test
  void backward() {
    float[] dy = new float[COUNT];
    Arrays.fill(dy, 1f);
    float[] dx = new float[COUNT];
    gelu.backward(0, 1, Matrix.of(x, 0, COUNT), Matrix.of(dy, 0, COUNT), Matrix.of(dx, 0, COUNT));
    for (int i = 0; i < COUNT; i++) {
      double a = Math.abs((double) x[i]);
      double tail = NormalTail.of(a);
      double cdf = x[i] < 0 ? tail : 1 - tail;
      double slope = x[i] * Math.exp(-a * a / 2) / Math.sqrt(2 * Math.PI);
      double exact = cdf + slope;
      double bound =
          tail * tailError(a)
              + U * cdf
              + Math.abs(slope) * (exponentialError(a) + 2 * U)
              + U * Math.abs(exact)
              + (1 + a) * Float.MIN_VALUE;
      Rounding.assertWithin("gelu'(%s)".formatted(x[i]), dx[i], exact, bound);
    }
  }

  @Test
  void atTheEnds() {
    float[] ends = {Float.POSITIVE_INFINITY, 1e30f, 0f, -0f, -1e30f, Float.NEGATIVE_INFINITY};
    float[] y = new float[7];
    float[] all = Arrays.copyOf(ends, 7);
    all[6] = Float.NaN;
    gelu.forward(0, 1, Matrix.of(all, 0, 7), Matrix.of(y, 0, 7));

    assertThat(y).startsWith(Float.POSITIVE_INFINITY, 1e30f, 0f);
    for (int i = 3; i < 6; i++) {
      assertThat(Math.abs(y[i])).isEqualTo(0f);
    }
    assertThat(y[6]).isNaN();
    float[] dx = new float[7];
    float[] dy = {1, 1, 1, 1, 1, 1, 1};
    gelu.backward(0, 1, Matrix.of(all, 0, 7), Matrix.of(dy, 0, 7), Matrix.of(dx, 0, 7));
    assertThat(dx).startsWith(1f, 1f, 0.5f, 0.5f, 0f, 0f);
    assertThat(dx[6]).isNaN();
  }
}
