package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.TRANSCENDENTAL;
import static dev.lanewise.kernels.scalar.Rounding.U;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.Gelu;
import dev.lanewise.kernels.Matrix;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** GELU against its tanh form in double. */
class GeluAccuracyTest {

  private static final double ROOT = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  /** The largest error of the function on [-40, 40], as a multiple of the greater of 1 and |x|. */
  private static final double FORWARD_BOUND = 4 * U;

  /** Where exp(-w) overflows, a result that should be a tiny multiple of e^-88.7 is zero. */
  private static final double UNDERFLOW = 1e-36;

  private static final int COUNT = 400_001;

  private final Gelu gelu = ScalarKernels.create().gelu();
  private final float[] x = new float[COUNT];

  GeluAccuracyTest() {
    for (int i = 0; i < COUNT; i++) {
      x[i] = (i - COUNT / 2) * 2e-4f;
    }
  }

  /**
   * w has five roundings, those of its constants included; that is an error of 5 U |w| in the
   * exponent, of which the logistic function passes 1 - s on, and two roundings follow, then y's.
   */
  private static double sigmoidError(double w, double s) {
    return (1 - s) * (5 * U * Math.abs(w) + TRANSCENDENTAL + U) + 2 * U;
  }

  @Test
  void forward() {
    float[] y = new float[COUNT];
    gelu.forward(0, 1, Matrix.of(x, 0, COUNT), Matrix.of(y, 0, COUNT));
    for (int i = 0; i < COUNT; i++) {
      double v = x[i];
      double w = 2 * ROOT * (v + CUBIC * v * v * v);
      double s = 1 / (1 + StrictMath.exp(-w));
      double exact = v * s;
      double bound = Math.abs(exact) * (sigmoidError(w, s) + U) + UNDERFLOW;
      Rounding.assertWithin("gelu(%s)".formatted(x[i]), y[i], exact, bound);
      assertThat(Math.abs(y[i] - exact))
          .as("gelu(%s), absolutely", x[i])
          .isLessThanOrEqualTo(FORWARD_BOUND * Math.max(1, Math.abs(v)));
    }
  }

  @Test
  void backward() {
    float[] dy = new float[COUNT];
    Arrays.fill(dy, 1f);
    float[] dx = new float[COUNT];
    gelu.backward(0, 1, Matrix.of(x, 0, COUNT), Matrix.of(dy, 0, COUNT), Matrix.of(dx, 0, COUNT));
    for (int i = 0; i < COUNT; i++) {
      double v = x[i];
      double w = 2 * ROOT * (v + CUBIC * v * v * v);
      double dw = 2 * ROOT * (1 + 3 * CUBIC * v * v);
      double s = 1 / (1 + StrictMath.exp(-w));
      double c = 1 - s;
      double slope = v * s * c * dw;
      double exact = s + slope;
      double sError = s * sigmoidError(w, s);
      // 1 - s takes over the absolute error of s; x s, 1 - s, their product and dw round.
      double slopeError =
          Math.abs(v * dw) * (c * sError + s * (sError + U * c)) + 6 * U * Math.abs(slope);
      double bound = sError + slopeError + U * Math.abs(exact) + UNDERFLOW;
      Rounding.assertWithin("gelu'(%s)".formatted(x[i]), dx[i], exact, bound);
    }
  }

  @Test
  void atTheEnds() {
    float[] ends = {Float.POSITIVE_INFINITY, 1e30f, 0f, -0f, -1e30f, Float.NaN};
    float[] y = new float[6];
    gelu.forward(0, 1, Matrix.of(ends, 0, 6), Matrix.of(y, 0, 6));
    assertThat(y[0]).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(y[1]).isEqualTo(1e30f);
    assertThat(y[2]).isEqualTo(0f);
    assertThat(Math.abs(y[3])).isEqualTo(0f);
    assertThat(Math.abs(y[4])).isEqualTo(0f);
    assertThat(y[5]).isNaN();
  }
}
