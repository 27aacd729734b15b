package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.ErfGelu;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.scalar.ScalarErfGelu;
import jdk.incubator.vector.FloatVector;

/** GELU by the normal distribution, a vector at a time, the last few elements as the scalar one. */
final class VectorErfGelu implements ErfGelu {

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
      FloatVector a = clamped(v).abs();
      a.neg().fma(tail(a, exponential(a)), v.max(0f)).intoArray(y, yOffset + i);
    }
    for (; i < n; i++) {
      y[yOffset + i] = ScalarErfGelu.gelu(x[xOffset + i]);
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
      dx[dxOffset + i] = dy[dyOffset + i] * ScalarErfGelu.derivative(x[xOffset + i]);
    }
  }

  private static FloatVector derivative(FloatVector v) {
    FloatVector c = clamped(v);
    FloatVector a = c.abs();
    FloatVector e = exponential(a);
    FloatVector q = tail(a, e);
    FloatVector cdf = FloatVector.broadcast(FLOATS, 1f).sub(q).blend(q, c.lt(0f));
    return c.fma(e.mul(DENSITY), cdf);
  }

  private static FloatVector clamped(FloatVector v) {
    return v.max(-LIMIT).min(LIMIT);
  }

  private static FloatVector exponential(FloatVector a) {
    return VectorMath.exp(a.mul(a).mul(-0.5f));
  }

  private static FloatVector tail(FloatVector a, FloatVector e) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    FloatVector t = one.div(a.fma(FloatVector.broadcast(FLOATS, T), one));
    FloatVector p = FloatVector.broadcast(FLOATS, P9);
    p = p.fma(t, FloatVector.broadcast(FLOATS, P8));
    p = p.fma(t, FloatVector.broadcast(FLOATS, P7));
    p = p.fma(t, FloatVector.broadcast(FLOATS, P6));
    p = p.fma(t, FloatVector.broadcast(FLOATS, P5));
    p = p.fma(t, FloatVector.broadcast(FLOATS, P4));
    p = p.fma(t, FloatVector.broadcast(FLOATS, P3));
    p = p.fma(t, FloatVector.broadcast(FLOATS, P2));
    p = p.fma(t, FloatVector.broadcast(FLOATS, P1));
    p = p.fma(t, FloatVector.broadcast(FLOATS, P0));
    return e.mul(t.mul(p));
  }
}
