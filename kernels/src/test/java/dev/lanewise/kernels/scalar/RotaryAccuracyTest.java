package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Rotary;
import org.junit.jupiter.api.Test;

/** Rotary position embedding against double. */
class RotaryAccuracyTest {

  private static final int HALF = 32;
  private static final int HEAD = 2 * HALF + 4;
  private static final int ROWS = 50;

  private final Rotary rotary = ScalarKernels.create().rotary();
  private final float[] cos = new float[ROWS * HALF];
  private final float[] sin = new float[ROWS * HALF];

  RotaryAccuracyTest() {
    for (int i = 0; i < cos.length; i++) {
      cos[i] = (float) StrictMath.cos(0.37 * i);
      sin[i] = (float) StrictMath.sin(0.37 * i);
    }
  }

  private void rotate(float[] x, boolean back) {
    rotary.rotate(
        0,
        ROWS,
        HEAD,
        back,
        Matrix.of(cos, 0, HALF),
        Matrix.of(sin, 0, HALF),
        0,
        Matrix.of(x, 0, 2 * HEAD));
  }

  @Test
  void turnsPairs() {
    float[] x = Rounding.normal(3, ROWS * 2 * HEAD, 1f);
    float[] y = x.clone();
    rotate(y, false);
    for (int r = 0; r < ROWS; r++) {
      for (int head = 0; head < 2; head++) {
        int at = (2 * r + head) * HEAD;
        for (int j = 0; j < HALF; j++) {
          double c = cos[r * HALF + j];
          double s = sin[r * HALF + j];
          double a = x[at + j];
          double b = x[at + HALF + j];
          double first = a * c - b * s;
          double second = b * c + a * s;
          double bound = U * (Math.abs(first) + Math.abs(b * s));
          Rounding.assertWithin("first", y[at + j], first, bound);
          bound = U * (Math.abs(second) + Math.abs(a * s));
          Rounding.assertWithin("second", y[at + HALF + j], second, bound);
        }
        for (int j = 2 * HALF; j < HEAD; j++) {
          assertThat(y[at + j]).isEqualTo(x[at + j]);
        }
      }
    }
  }

  @Test
  void turnsBack() {
    float[] x = Rounding.normal(4, ROWS * 2 * HEAD, 1f);
    float[] y = x.clone();
    rotate(y, false);
    rotate(y, true);
    for (int i = 0; i < x.length; i++) {
      // The tables are rounded, so that their squares add up to 1 within two roundings.
      Rounding.assertWithin("x", y[i], x[i], 12 * U * 6);
    }
  }
}
