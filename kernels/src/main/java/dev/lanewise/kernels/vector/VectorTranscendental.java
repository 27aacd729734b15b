package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Transcendental;
import dev.lanewise.kernels.scalar.ScalarMath;
import jdk.incubator.vector.FloatVector;

/** {@link VectorMath} over arrays; the last few elements by the scalar definition. */
final class VectorTranscendental implements Transcendental {

  @Override
  public void exp(int n, float[] x, int xOffset, float[] y, int yOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      VectorMath.exp(FloatVector.fromArray(FLOATS, x, xOffset + i)).intoArray(y, yOffset + i);
    }
    for (; i < n; i++) {
      y[yOffset + i] = ScalarMath.exp(x[xOffset + i]);
    }
  }

  @Override
  public void tanh(int n, float[] x, int xOffset, float[] y, int yOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      VectorMath.tanh(FloatVector.fromArray(FLOATS, x, xOffset + i)).intoArray(y, yOffset + i);
    }
    for (; i < n; i++) {
      y[yOffset + i] = ScalarMath.tanh(x[xOffset + i]);
    }
  }

  @Override
  public void log(int n, float[] x, int xOffset, float[] y, int yOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      VectorMath.log(FloatVector.fromArray(FLOATS, x, xOffset + i)).intoArray(y, yOffset + i);
    }
    for (; i < n; i++) {
      y[yOffset + i] = ScalarMath.log(x[xOffset + i]);
    }
  }
}
