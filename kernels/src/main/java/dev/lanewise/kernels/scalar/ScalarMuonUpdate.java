package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.MuonUpdate;

/** Muon's elementwise parts in plain loops. */
final class ScalarMuonUpdate implements MuonUpdate {

  @Override
  public void momentum(
      int rows, float momentum, float gradientScale, Matrix g, Matrix m, int fromColumn, Matrix u) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < u.columns(); j++) {
        int at = m.offset(i) + fromColumn + j;
        float first = (1 - momentum) * (g.data()[g.offset(i) + fromColumn + j] * gradientScale);
        m.data()[at] = Math.fma(momentum, m.data()[at], first);
        u.data()[u.offset(i) + j] = Math.fma(momentum, m.data()[at], first);
      }
    }
  }

  @Override
  public void scale(int n, float factor, float[] x, int offset) {
    for (int i = offset; i < offset + n; i++) {
      x[i] *= factor;
    }
  }

  @Override
  public void polynomial(int n, float a, float b, float c, Matrix g, Matrix s) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        int at = s.offset(i) + j;
        float sum = Math.fma(c, s.data()[at], b * g.data()[g.offset(i) + j]);
        s.data()[at] = i == j ? sum + a : sum;
      }
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
      for (int j = 0; j < x.columns(); j++) {
        int at = theta.offset(i) + fromColumn + j;
        float t = theta.data()[at];
        float direction = Math.fma(decay, t, scale * x.data()[x.offset(i) + j]);
        theta.data()[at] = Math.fma(-learningRate, direction, t);
      }
    }
  }
}
