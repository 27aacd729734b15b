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
      int dxOffset,
      float[] dGain,
      int dGainOffset,
      float[] dBias,
      int dBiasOffset) {
    float inverse = 1f / n;
    for (int r = 0; r < rows; r++) {
      int xRow = xOffset + r * n;
      int dyRow = dyOffset + r * n;
      float mu = mean[meanOffset + r];
      float s = rstd[rstdOffset + r];
      float a = VectorLanes.dot(n, dy, dyRow, gain, gainOffset) * inverse;
      float b = VectorLanes.normalizedDot(n, dy, dyRow, gain, gainOffset, x, xRow, mu, s) * inverse;
      backwardRow(
          n,
          x,
          xRow,
          gain,
          gainOffset,
          mu,
          s,
          a,
          b,
          dy,
          dyRow,
          dx,
          dxOffset + r * n,
          dGain,
          dGainOffset);
      if (dBias != null) {
        VectorElementwise.sum(n, dBias, dBiasOffset, dy, dyRow, dBias, dBiasOffset);
      }
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
      int dxOffset,
      float[] dGain,
      int dGainOffset) {
    FloatVector scale = FloatVector.broadcast(FLOATS, rstd);
    FloatVector slope = FloatVector.broadcast(FLOATS, b);
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector h = FloatVector.fromArray(FLOATS, x, xOffset + i).sub(mean).mul(scale);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyOffset + i);
      FloatVector g = d.mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i));
      FloatVector t = h.neg().fma(slope, g.sub(a));
      t.fma(scale, FloatVector.fromArray(FLOATS, dx, dxOffset + i)).intoArray(dx, dxOffset + i);
      d.fma(h, FloatVector.fromArray(FLOATS, dGain, dGainOffset + i))
          .intoArray(dGain, dGainOffset + i);
    }
    for (; i < n; i++) {
      float h = (x[xOffset + i] - mean) * rstd;
      float d = dy[dyOffset + i];
      float t = Math.fma(-h, b, d * gain[gainOffset + i] - a);
      dx[dxOffset + i] = Math.fma(t, rstd, dx[dxOffset + i]);
      dGain[dGainOffset + i] = Math.fma(d, h, dGain[dGainOffset + i]);
    }
  }
}
