package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.LayerNorm;
import jdk.incubator.vector.FloatVector;

/** Layer normalisation: a few passes over each row while it is in L1. */
final class VectorLayerNorm implements LayerNorm {

  @Override
  public void forward(
      int rows,
      int n,
      float[] x,
      int xOffset,
      float[] gain,
      int gainOffset,
      float[] bias,
      int biasOffset,
      float[] y,
      int yOffset,
      float[] mean,
      int meanOffset,
      float[] rstd,
      int rstdOffset) {
    float inverse = 1f / n;
    for (int r = 0; r < rows; r++) {
      int row = xOffset + r * n;
      float mu = VectorLanes.sum(n, x, row) * inverse;
      float variance = VectorLanes.squaredDifferences(n, x, row, mu) * inverse;
      float s = 1f / (float) Math.sqrt(variance + EPSILON);
      mean[meanOffset + r] = mu;
      rstd[rstdOffset + r] = s;
      if (bias == null) {
        scale(n, mu, s, x, row, gain, gainOffset, y, yOffset + r * n);
      } else {
        scaleAndShift(n, mu, s, x, row, gain, gainOffset, bias, biasOffset, y, yOffset + r * n);
      }
    }
  }

  private static void scale(
      int n,
      float mean,
      float rstd,
      float[] x,
      int xOffset,
      float[] gain,
      int gainOffset,
      float[] y,
      int yOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector h = FloatVector.fromArray(FLOATS, x, xOffset + i).sub(mean).mul(rstd);
      h.mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i)).intoArray(y, yOffset + i);
    }
    for (; i < n; i++) {
      y[yOffset + i] = ((x[xOffset + i] - mean) * rstd) * gain[gainOffset + i];
    }
  }

  private static void scaleAndShift(
      int n,
      float mean,
      float rstd,
      float[] x,
      int xOffset,
      float[] gain,
      int gainOffset,
      float[] bias,
      int biasOffset,
      float[] y,
      int yOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector h = FloatVector.fromArray(FLOATS, x, xOffset + i).sub(mean).mul(rstd);
      FloatVector g = FloatVector.fromArray(FLOATS, gain, gainOffset + i);
      h.fma(g, FloatVector.fromArray(FLOATS, bias, biasOffset + i)).intoArray(y, yOffset + i);
    }
    for (; i < n; i++) {
      float h = (x[xOffset + i] - mean) * rstd;
      y[yOffset + i] = Math.fma(h, gain[gainOffset + i], bias[biasOffset + i]);
    }
  }

  @Override
  public void backward(
      int rows,
      int n,
      float[] x,
      int xOffset,
      float[] gain,
      int gainOffset,
      float[] mean,
      int meanOffset,
      float[] rstd,
      int rstdOffset,
      float[] dy,
      int dyOffset,
      float[] dx,
      int dxOffset) {
    float inverse = 1f / n;
    for (int r = 0; r < rows; r++) {
      int xRow = xOffset + r * n;
      int dyRow = dyOffset + r * n;
      float mu = mean[meanOffset + r];
      float s = rstd[rstdOffset + r];
      float a = VectorLanes.dot(n, dy, dyRow, gain, gainOffset) * inverse;
      float b = VectorLanes.normalizedDot(n, dy, dyRow, gain, gainOffset, x, xRow, mu, s) * inverse;
      backwardRow(n, x, xRow, gain, gainOffset, mu, s, a, b, dy, dyRow, dx, dxOffset + r * n);
    }
  }

  private static void backwardRow(
      int n,
      float[] x,
      int xOffset,
      float[] gain,
      int gainOffset,
      float mean,
      float rstd,
      float a,
      float b,
      float[] dy,
      int dyOffset,
      float[] dx,
      int dxOffset) {
    FloatVector scale = FloatVector.broadcast(FLOATS, rstd);
    FloatVector slope = FloatVector.broadcast(FLOATS, b);
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector h = FloatVector.fromArray(FLOATS, x, xOffset + i).sub(mean).mul(scale);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyOffset + i);
      FloatVector g = d.mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i));
      FloatVector t = h.neg().fma(slope, g.sub(a));
      t.fma(scale, FloatVector.fromArray(FLOATS, dx, dxOffset + i)).intoArray(dx, dxOffset + i);
    }
    for (; i < n; i++) {
      float h = (x[xOffset + i] - mean) * rstd;
      float d = dy[dyOffset + i];
      float t = Math.fma(-h, b, d * gain[gainOffset + i] - a);
      dx[dxOffset + i] = Math.fma(t, rstd, dx[dxOffset + i]);
    }
  }

  @Override
  public void gainGradient(
      int rows,
      int n,
      int stride,
      float[] x,
      int xOffset,
      float[] mean,
      int meanOffset,
      float[] rstd,
      int rstdOffset,
      float[] dy,
      int dyOffset,
      float[] dGain,
      int dGainOffset) {
    int j = 0;
    for (; j <= n - 4 * L; j += 4 * L) {
      fourColumns(
          rows,
          stride,
          x,
          xOffset + j,
          mean,
          meanOffset,
          rstd,
          rstdOffset,
          dy,
          dyOffset + j,
          dGain,
          dGainOffset + j);
    }
    for (; j <= n - L; j += L) {
      FloatVector sum = FloatVector.fromArray(FLOATS, dGain, dGainOffset + j);
      for (int r = 0; r < rows; r++) {
        int at = r * stride + j;
        FloatVector h =
            FloatVector.fromArray(FLOATS, x, xOffset + at)
                .sub(mean[meanOffset + r])
                .mul(rstd[rstdOffset + r]);
        sum = FloatVector.fromArray(FLOATS, dy, dyOffset + at).fma(h, sum);
      }
      sum.intoArray(dGain, dGainOffset + j);
    }
    for (; j < n; j++) {
      float sum = dGain[dGainOffset + j];
      for (int r = 0; r < rows; r++) {
        int at = r * stride + j;
        float h = (x[xOffset + at] - mean[meanOffset + r]) * rstd[rstdOffset + r];
        sum = Math.fma(dy[dyOffset + at], h, sum);
      }
      dGain[dGainOffset + j] = sum;
    }
  }

  /** Four vectors of columns at once: their chains hide each other's latency. */
  private static void fourColumns(
      int rows,
      int stride,
      float[] x,
      int xOffset,
      float[] mean,
      int meanOffset,
      float[] rstd,
      int rstdOffset,
      float[] dy,
      int dyOffset,
      float[] dGain,
      int dGainOffset) {
    FloatVector s0 = FloatVector.fromArray(FLOATS, dGain, dGainOffset);
    FloatVector s1 = FloatVector.fromArray(FLOATS, dGain, dGainOffset + L);
    FloatVector s2 = FloatVector.fromArray(FLOATS, dGain, dGainOffset + 2 * L);
    FloatVector s3 = FloatVector.fromArray(FLOATS, dGain, dGainOffset + 3 * L);
    for (int r = 0; r < rows; r++) {
      FloatVector mu = FloatVector.broadcast(FLOATS, mean[meanOffset + r]);
      FloatVector scale = FloatVector.broadcast(FLOATS, rstd[rstdOffset + r]);
      int h = xOffset + r * stride;
      int d = dyOffset + r * stride;
      FloatVector h0 = FloatVector.fromArray(FLOATS, x, h).sub(mu).mul(scale);
      s0 = FloatVector.fromArray(FLOATS, dy, d).fma(h0, s0);
      FloatVector h1 = FloatVector.fromArray(FLOATS, x, h + L).sub(mu).mul(scale);
      s1 = FloatVector.fromArray(FLOATS, dy, d + L).fma(h1, s1);
      FloatVector h2 = FloatVector.fromArray(FLOATS, x, h + 2 * L).sub(mu).mul(scale);
      s2 = FloatVector.fromArray(FLOATS, dy, d + 2 * L).fma(h2, s2);
      FloatVector h3 = FloatVector.fromArray(FLOATS, x, h + 3 * L).sub(mu).mul(scale);
      s3 = FloatVector.fromArray(FLOATS, dy, d + 3 * L).fma(h3, s3);
    }
    s0.intoArray(dGain, dGainOffset);
    s1.intoArray(dGain, dGainOffset + L);
    s2.intoArray(dGain, dGainOffset + 2 * L);
    s3.intoArray(dGain, dGainOffset + 3 * L);
  }
}
