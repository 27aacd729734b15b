package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.TRANSCENDENTAL;
import static dev.lanewise.kernels.scalar.Rounding.U;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.SiluGate;
import org.junit.jupiter.api.Test;

/** The SiLU gate against double. */
class SiluGateAccuracyTest {

  /** Where exp(-g) overflows, a result that should be a tiny multiple of e^-88.7 is zero. */
  private static final double UNDERFLOW = 1e-36;

  private static final int COUNT = 200_001;

  private final SiluGate silu = ScalarKernels.create().siluGate();
  private final float[] gate = new float[COUNT];
  private final float[] up = Rounding.normal(1, COUNT, 1f);
  private final float[] dy = Rounding.normal(2, COUNT, 1f);

  SiluGateAccuracyTest() {
    for (int i = 0; i < COUNT; i++) {
      gate[i] = (i - COUNT / 2) * 8e-4f;
    }
  }

  /** The exponential is off by its bound; the sum and the quotient round. */
  private static double sigmoidError(double s) {
    return (1 - s) * (TRANSCENDENTAL + U) + 2 * U;
  }

  @Test
  void forward() {
    float[] y = new float[COUNT];
    silu.forward(0, 1, row(gate), row(up), row(y));
    for (int i = 0; i < COUNT; i++) {
      double s = 1 / (1 + StrictMath.exp(-gate[i]));
      double exact = gate[i] * s * up[i];
      double bound = Math.abs(exact) * (sigmoidError(s) + 2 * U) + UNDERFLOW;
      Rounding.assertWithin("y(%s)".formatted(gate[i]), y[i], exact, bound);
    }
  }

  @Test
  void backward() {
    float[] dGate = new float[COUNT];
    float[] dUp = new float[COUNT];
    silu.backward(0, 1, row(gate), row(up), row(dy), row(dGate), row(dUp));
    for (int i = 0; i < COUNT; i++) {
      double g = gate[i];
      double s = 1 / (1 + StrictMath.exp(-g));
      double c = 1 - s;
      double exactUp = dy[i] * g * s;
      double upBound = Math.abs(exactUp) * (sigmoidError(s) + 2 * U) + UNDERFLOW;
      Rounding.assertWithin("dUp(%s)".formatted(gate[i]), dUp[i], exactUp, upBound);
      double slope = s + g * s * c;
      double sError = s * sigmoidError(s);
      // 1 - s takes over the absolute error of s and rounds; g s rounds; then the fma.
      double slopeError =
          sError
              + Math.abs(g) * (c * (sError + U * s) + s * (sError + U * c))
              + U * Math.abs(slope);
      double scale = Math.abs((double) dy[i] * up[i]);
      double exact = (double) dy[i] * up[i] * slope;
      double bound = scale * slopeError + 2 * U * Math.abs(exact) + UNDERFLOW * (1 + scale);
      Rounding.assertWithin("dGate(%s)".formatted(gate[i]), dGate[i], exact, bound);
    }
  }

  private static Matrix row(float[] data) {
    return Matrix.of(data, 0, data.length);
  }
}
