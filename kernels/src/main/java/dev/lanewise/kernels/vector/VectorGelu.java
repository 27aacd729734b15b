package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Gelu;
import dev.lanewise.kernels.scalar.ScalarKernels;
import jdk.incubator.vector.FloatVector;

/**
 * GELU a vector at a time, the last few elements by the scalar definition: a masked vector would
 * inline the exponential a second time, which is past what C2 inlines into one method.
 */
final class VectorGelu implements Gelu {

  private final Gelu scalar = ScalarKernels.create().gelu();

  @Override
  public void forward(int n, float[] x, int xOffset, float[] y, int yOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i);
      v.mul(sigmoid(v, v.mul(v))).intoArray(y, yOffset + i);
    }
    scalar.forward(n - i, x, xOffset + i, y, yOffset + i);
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
    scalar.backward(n - i, x, xOffset + i, dy, dyOffset + i, dx, dxOffset + i);
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
