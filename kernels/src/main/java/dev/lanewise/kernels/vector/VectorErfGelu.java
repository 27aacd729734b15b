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
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i);
      FloatVector a = VectorMath.clamp(v, -LIMIT, LIMIT).abs();
      FloatVector e = VectorMath.exp(a.mul(a).mul(-0.5f));
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
      // VectorMath.positive would be one method too many here: C2 makes objects of the vectors.
      a.neg().fma(e.mul(t.mul(p)), v.max(0f)).intoArray(y, yOffset + i);
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
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyOffset + i);
      FloatVector c = VectorMath.clamp(v, -LIMIT, LIMIT);
      FloatVector a = c.abs();
      FloatVector e = VectorMath.exp(a.mul(a).mul(-0.5f));
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
      FloatVector q = e.mul(t.mul(p));
      FloatVector cdf = one.sub(q).blend(q, c.lt(0f));
      d.mul(c.fma(e.mul(DENSITY), cdf)).intoArray(dx, dxOffset + i);
    }
    for (; i < n; i++) {
      dx[dxOffset + i] = dy[dyOffset + i] * ScalarErfGelu.derivative(x[xOffset + i]);
    }
  }
}
