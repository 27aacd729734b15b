package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Gelu;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.scalar.ScalarMath;
import jdk.incubator.vector.FloatVector;

/**
 * GELU a vector at a time, the last few elements as the scalar definition does: a masked vector
 * would inline the exponential a second time, which is past what C2 inlines into one method.
 */
final class VectorGelu implements Gelu {

  @Override
  public void forward(int row, int rows, Matrix x, Matrix y) {
    int n = y.columns();
    boolean flat = VectorElementwise.isFlat(x, n) && VectorElementwise.isFlat(y, n);
    int step = flat ? rows : 1;
    for (int r = row; r < row + rows; r += step) {
      forward(step * n, x.data(), x.offset(r), y.data(), y.offset(r));
    }
  }

  private static void forward(int n, float[] x, int xOffset, float[] y, int yOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i);
      v.mul(sigmoid(v, v.mul(v))).intoArray(y, yOffset + i);
    }
    for (; i < n; i++) {
      y[yOffset + i] = gelu(x[xOffset + i]);
    }
  }

  @Override
  public void backward(int row, int rows, Matrix x, Matrix dy, Matrix dx) {
    int n = dx.columns();
    boolean flat =
        VectorElementwise.isFlat(x, n)
            && VectorElementwise.isFlat(dy, n)
            && VectorElementwise.isFlat(dx, n);
    int step = flat ? rows : 1;
    for (int r = row; r < row + rows; r += step) {
      backward(step * n, x.data(), x.offset(r), dy.data(), dy.offset(r), dx.data(), dx.offset(r));
    }
  }

  private static void backward(
      int n, float[] x, int xOffset, float[] dy, int dyOffset, float[] dx, int dxOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyOffset + i);
      d.mul(derivative(v)).intoArray(dx, dxOffset + i);
    }
    for (; i < n; i++) {
      dx[dxOffset + i] = dy[dyOffset + i] * derivative(x[xOffset + i]);
    }
  }

  private static float gelu(float v) {
    return v * sigmoid(v, v * v);
  }

  private static float sigmoid(float v, float q) {
    float w = v * Math.fma(q, CUBIC, LINEAR);
    return 1f / (1f + ScalarMath.exp(-w));
  }

  private static float derivative(float v) {
    float q = v * v;
    float s = sigmoid(v, q);
    return Math.fma((v * s) * (1f - s), Math.fma(q, CUBIC_DERIVATIVE, LINEAR), s);
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
