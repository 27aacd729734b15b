package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.LayerNorm;
import dev.lanewise.kernels.Matrix;
import jdk.incubator.vector.FloatVector;

/** Layer normalisation: a few passes over each row while it is in L1. */
final class VectorLayerNorm implements LayerNorm {

  @Override
  public void forward(
      int row,
      int rows,
      float epsilon,
      Matrix x,
      Matrix gain,
      Matrix bias,
      Matrix y,
      Matrix mean,
      Matrix rstd) {
    int n = x.columns();
    float inverse = 1f / n;
    float[] in = x.data();
    float[] g = gain.data();
    for (int r = row; r < row + rows; r++) {
      int from = x.offset(r);
      int to = y.offset(r);
      float mu = VectorLanes.sum(n, in, from) * inverse;
      float variance = VectorLanes.squaredDifferences(n, in, from, mu) * inverse;
      float s = 1f / (float) Math.sqrt(variance + epsilon);
      mean.data()[mean.offset(r)] = mu;
      rstd.data()[rstd.offset(r)] = s;
      if (bias == null) {
        scale(n, mu, s, in, from, g, gain.offset(), y.data(), to);
      } else {
        float[] b = bias.data();
        scaleAndShift(n, mu, s, in, from, g, gain.offset(), b, bias.offset(), y.data(), to);
      }
    }
  }

  static void scale(
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
      int row, int rows, Matrix x, Matrix gain, Matrix mean, Matrix rstd, Matrix dy, Matrix dx) {
    int n = x.columns();
    float inverse = 1f / n;
    float[] in = x.data();
    float[] g = gain.data();
    int gAt = gain.offset();
    float[] d = dy.data();
    for (int r = row; r < row + rows; r++) {
      int xAt = x.offset(r);
      int dAt = dy.offset(r);
      float mu = mean.data()[mean.offset(r)];
      float s = rstd.data()[rstd.offset(r)];
      float a = VectorLanes.dot(n, d, dAt, g, gAt) * inverse;
      float b = VectorLanes.normalizedDot(n, d, dAt, g, gAt, in, xAt, mu, s) * inverse;
      backwardRow(n, in, xAt, g, gAt, mu, s, a, b, d, dAt, dx.data(), dx.offset(r));
    }
  }

  static void backwardRow(
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
      int fromColumn,
      int toColumn,
      Matrix x,
      Matrix mean,
      Matrix rstd,
      Matrix dy,
      Matrix dGain) {
    gainGradients(rows, fromColumn, toColumn, x, mean, rstd, dy, dGain);
  }

  static void gainGradients(
      int rows,
      int fromColumn,
      int toColumn,
      Matrix x,
      Matrix mean,
      Matrix rstd,
      Matrix dy,
      Matrix dGain) {
    gainGradient(
        rows,
        toColumn - fromColumn,
        x.data(),
        x.offset() + fromColumn,
        x.rowStride(),
        mean.data(),
        mean.offset(),
        mean.rowStride(),
        rstd.data(),
        rstd.offset(),
        rstd.rowStride(),
        dy.data(),
        dy.offset() + fromColumn,
        dy.rowStride(),
        dGain.data(),
        dGain.offset() + fromColumn);
  }

  private static void gainGradient(
      int rows,
      int n,
      float[] x,
      int xOffset,
      int xStride,
      float[] mean,
      int meanOffset,
      int meanStride,
      float[] rstd,
      int rstdOffset,
      int rstdStride,
      float[] dy,
      int dyOffset,
      int dyStride,
      float[] dGain,
      int dGainOffset) {
    int j = 0;
    for (; j <= n - 4 * L; j += 4 * L) {
      fourColumns(
          rows,
          x,
          xOffset + j,
          xStride,
          mean,
          meanOffset,
          meanStride,
          rstd,
          rstdOffset,
          rstdStride,
          dy,
          dyOffset + j,
          dyStride,
          dGain,
          dGainOffset + j);
    }
    for (; j <= n - L; j += L) {
      FloatVector sum = FloatVector.fromArray(FLOATS, dGain, dGainOffset + j);
      for (int r = 0; r < rows; r++) {
        FloatVector h =
            FloatVector.fromArray(FLOATS, x, xOffset + r * xStride + j)
                .sub(mean[meanOffset + r * meanStride])
                .mul(rstd[rstdOffset + r * rstdStride]);
        sum = FloatVector.fromArray(FLOATS, dy, dyOffset + r * dyStride + j).fma(h, sum);
      }
      sum.intoArray(dGain, dGainOffset + j);
    }
    for (; j < n; j++) {
      float sum = dGain[dGainOffset + j];
      for (int r = 0; r < rows; r++) {
        float d = x[xOffset + r * xStride + j] - mean[meanOffset + r * meanStride];
        float h = d * rstd[rstdOffset + r * rstdStride];
        sum = Math.fma(dy[dyOffset + r * dyStride + j], h, sum);
      }
      dGain[dGainOffset + j] = sum;
    }
  }

  /** Four vectors of columns at once: their chains hide each other's latency. */
  private static void fourColumns(
      int rows,
      float[] x,
      int xOffset,
      int xStride,
      float[] mean,
      int meanOffset,
      int meanStride,
      float[] rstd,
      int rstdOffset,
      int rstdStride,
      float[] dy,
      int dyOffset,
      int dyStride,
      float[] dGain,
      int dGainOffset) {
    FloatVector s0 = FloatVector.fromArray(FLOATS, dGain, dGainOffset);
    FloatVector s1 = FloatVector.fromArray(FLOATS, dGain, dGainOffset + L);
    FloatVector s2 = FloatVector.fromArray(FLOATS, dGain, dGainOffset + 2 * L);
    FloatVector s3 = FloatVector.fromArray(FLOATS, dGain, dGainOffset + 3 * L);
    for (int r = 0; r < rows; r++) {
      FloatVector mu = FloatVector.broadcast(FLOATS, mean[meanOffset + r * meanStride]);
      FloatVector scale = FloatVector.broadcast(FLOATS, rstd[rstdOffset + r * rstdStride]);
      int h = xOffset + r * xStride;
      int d = dyOffset + r * dyStride;
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
