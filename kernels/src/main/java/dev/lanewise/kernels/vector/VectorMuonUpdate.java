package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.MuonUpdate;
import jdk.incubator.vector.FloatVector;

/** Muon's elementwise parts, a row at a time. */
final class VectorMuonUpdate implements MuonUpdate {

  @Override
  public void momentum(
      int rows, float momentum, float gradientScale, Matrix g, Matrix m, int fromColumn, Matrix u) {
    for (int i = 0; i < rows; i++) {
      momentum(
          u.columns(),
          momentum,
          gradientScale,
          g.data(),
          g.offset(i) + fromColumn,
          m.data(),
          m.offset(i) + fromColumn,
          u.data(),
          u.offset(i));
    }
  }

  private static void momentum(
      int n,
      float momentum,
      float gradientScale,
      float[] g,
      int gOffset,
      float[] m,
      int mOffset,
      float[] u,
      int uOffset) {
    FloatVector keep = FloatVector.broadcast(FLOATS, momentum);
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector gradient = FloatVector.fromArray(FLOATS, g, gOffset + j).mul(gradientScale);
      FloatVector first = gradient.mul(1 - momentum);
      FloatVector mean = keep.fma(FloatVector.fromArray(FLOATS, m, mOffset + j), first);
      mean.intoArray(m, mOffset + j);
      keep.fma(mean, first).intoArray(u, uOffset + j);
    }
    for (; j < n; j++) {
      float first = (1 - momentum) * (g[gOffset + j] * gradientScale);
      m[mOffset + j] = Math.fma(momentum, m[mOffset + j], first);
      u[uOffset + j] = Math.fma(momentum, m[mOffset + j], first);
    }
  }

  @Override
  public void scale(int n, float factor, float[] x, int offset) {
    VectorElementwise.multiply(n, factor, x, offset, x, offset);
  }

  @Override
  public void polynomial(int n, float a, float b, float c, Matrix g, Matrix s) {
    for (int i = 0; i < n; i++) {
      int row = s.offset(i);
      combine(n, b, c, g.data(), g.offset(i), s.data(), row);
      s.data()[row + i] += a;
    }
  }

  private static void combine(
      int n, float b, float c, float[] g, int gOffset, float[] s, int sOffset) {
    FloatVector factor = FloatVector.broadcast(FLOATS, c);
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector linear = FloatVector.fromArray(FLOATS, g, gOffset + j).mul(b);
      factor.fma(FloatVector.fromArray(FLOATS, s, sOffset + j), linear).intoArray(s, sOffset + j);
    }
    for (; j < n; j++) {
      s[sOffset + j] = Math.fma(c, s[sOffset + j], b * g[gOffset + j]);
    }
  }

  @Override
  public void apply(
      int rows,
      float learningRate,
      float decay,
      float scale,
      Matrix x,
      Matrix theta,
      int fromColumn) {
    for (int i = 0; i < rows; i++) {
      apply(
          x.columns(),
          learningRate,
          decay,
          scale,
          x.data(),
          x.offset(i),
          theta.data(),
          theta.offset(i) + fromColumn);
    }
  }

  private static void apply(
      int n,
      float learningRate,
      float decay,
      float scale,
      float[] x,
      int xOffset,
      float[] theta,
      int thetaOffset) {
    FloatVector descent = FloatVector.broadcast(FLOATS, -learningRate);
    FloatVector decays = FloatVector.broadcast(FLOATS, decay);
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector step = FloatVector.fromArray(FLOATS, x, xOffset + j).mul(scale);
      FloatVector t = FloatVector.fromArray(FLOATS, theta, thetaOffset + j);
      descent.fma(decays.fma(t, step), t).intoArray(theta, thetaOffset + j);
    }
    for (; j < n; j++) {
      float t = theta[thetaOffset + j];
      float direction = Math.fma(decay, t, scale * x[xOffset + j]);
      theta[thetaOffset + j] = Math.fma(-learningRate, direction, t);
    }
  }
}
