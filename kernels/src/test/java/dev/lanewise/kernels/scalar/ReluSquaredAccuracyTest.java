package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.ReluSquared;
import org.junit.jupiter.api.Test;

/** The squared ReLU against double, and its gradient against the derivative. */
class ReluSquaredAccuracyTest {

  private static final int COUNT = 20_001;

  private final ReluSquared relu = ScalarKernels.create().reluSquared();
  private final float[] x = new float[COUNT];
  private final float[] dy = Rounding.normal(2, COUNT, 1f);

  ReluSquaredAccuracyTest() {
    for (int i = 0; i < COUNT; i++) {
      x[i] = (i - COUNT / 2) * 8e-4f;
    }
  }

  /** One rounding: that of the product. */
  @Test
  void forward() {
    float[] y = new float[COUNT];
    relu.forward(0, 1, row(x), row(y));
    for (int i = 0; i < COUNT; i++) {
      double exact = x[i] > 0 ? (double) x[i] * x[i] : 0;
      Rounding.assertWithin("y(%s)".formatted(x[i]), y[i], exact, U * exact);
    }
  }

  /** Twice a float is a float, so the product rounds and nothing else. */
  @Test
  void backward() {
    float[] dx = new float[COUNT];
    relu.backward(0, 1, row(x), row(dy), row(dx));
    for (int i = 0; i < COUNT; i++) {
      double exact = x[i] > 0 ? 2.0 * x[i] * dy[i] : 0;
      Rounding.assertWithin("dx(%s)".formatted(x[i]), dx[i], exact, U * Math.abs(exact));
    }
  }

  @Test
  void whatIsNotANumberStaysSo() {
    float[] y = new float[3];
    relu.forward(0, 1, row(new float[] {Float.NaN, -0f, Float.NEGATIVE_INFINITY}), row(y));
    assertThat(y[0]).isNaN();
    assertThat(Float.floatToRawIntBits(y[1])).isZero();
    assertThat(y[2]).isZero();
  }

  private static Matrix row(float[] data) {
    return Matrix.of(data, 0, data.length);
  }
}
