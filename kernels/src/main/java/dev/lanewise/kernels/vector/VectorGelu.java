package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Gelu;
import dev.lanewise.kernels.scalar.ScalarMath;
import jdk.incubator.vector.FloatVector;

/**
 * GELU a vector at a time, the last few elements by the scalar definition: a masked vector would
 * inline the exponential a second time, which is past what C2 inlines into one method.
 */
final class VectorGelu implements Gelu {

  @Override
  public void forward(int n, float[] x, int xOffset, float[] y, int yOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i);
      v.mul(sigmoid(v, v.mul(v))).intoArray(y, yOffset + i);
    }
    for (; i < n; i++) {
      float v = x[xOffset + i];
      y[yOffset + i] = v * sigmoid(v, v * v);
    }
  }

  @Override
  public void backward(
      int n, float[] x, int xOffset, float[] dy, int dyOffset, float[] dx, int dxOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyOffset + i);
      d.mul(derivative(v)).intoArray(dx, dxOffset + i);
    }
    for (; i < n; i++) {
      float v = x[xOffset + i];
      float q = v * v;
      float s = sigmoid(v, q);
      float dw = Math.fma(q, CUBIC_DERIVATIVE, LINEAR);
      dx[dxOffset + i] = dy[dyOffset + i] * Math.fma((v * s) * (1f - s), dw, s);
    }
  }

  private static float sigmoid(float v, float q) {
    return 1f / (1f + ScalarMath.exp(-v * Math.fma(q, CUBIC, LINEAR)));
  }

  private static FloatVector sigmoid(FloatVector v, FloatVector q) {
    FloatVector w =
        v.mul(q.fma(FloatVector.broadcast(FLOATS, CUBIC), FloatVector.broadcast(FLOATS, LINEAR)));
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    return one.div(VectorMath.exp(w.neg()).add(one));
  }

  private static FloatVector derivative(FloatVector v) {
    FloatVector q = v.mul(v);
    FloatVector s = sigmoid(v, q);
    FloatVector dw =
        q.fma(
            FloatVector.broadcast(FLOATS, CUBIC_DERIVATIVE), FloatVector.broadcast(FLOATS, LINEAR));
    FloatVector slope = v.mul(s).mul(FloatVector.broadcast(FLOATS, 1f).sub(s));
    return slope.fma(dw, s);
  }
}
