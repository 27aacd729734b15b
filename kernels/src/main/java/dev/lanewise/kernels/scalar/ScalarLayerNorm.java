package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Lanes;
import dev.lanewise.kernels.LayerNorm;

/** Layer normalisation in plain loops. */
final class ScalarLayerNorm implements LayerNorm {

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
      float[] lanes = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        lanes[j % Lanes.COUNT] += x[row + j];
      }
      float mu = Lanes.fold(lanes) * inverse;
      lanes = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        float d = x[row + j] - mu;
        lanes[j % Lanes.COUNT] = Math.fma(d, d, lanes[j % Lanes.COUNT]);
      }
      float s = reciprocalRoot(Lanes.fold(lanes) * inverse);
      for (int j = 0; j < n; j++) {
        float h = (x[row + j] - mu) * s;
        float g = gain[gainOffset + j];
        y[yOffset + r * n + j] = bias == null ? h * g : Math.fma(h, g, bias[biasOffset + j]);
      }
      mean[meanOffset + r] = mu;
      rstd[rstdOffset + r] = s;
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
      int row = r * n;
      float mu = mean[meanOffset + r];
      float s = rstd[rstdOffset + r];
      float[] sums = new float[Lanes.COUNT];
      float[] products = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        int lane = j % Lanes.COUNT;
        float h = (x[xOffset + row + j] - mu) * s;
        float d = dy[dyOffset + row + j];
        float g = gain[gainOffset + j];
        sums[lane] = Math.fma(d, g, sums[lane]);
        products[lane] = Math.fma(d * g, h, products[lane]);
      }
      float a = Lanes.fold(sums) * inverse;
      float b = Lanes.fold(products) * inverse;
      for (int j = 0; j < n; j++) {
        float h = (x[xOffset + row + j] - mu) * s;
        float d = dy[dyOffset + row + j];
        float g = d * gain[gainOffset + j];
        int i = dxOffset + row + j;
        dx[i] = Math.fma(Math.fma(-h, b, g - a), s, dx[i]);
      }
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
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < n; j++) {
        float h = (x[xOffset + r * stride + j] - mean[meanOffset + r]) * rstd[rstdOffset + r];
        float d = dy[dyOffset + r * stride + j];
        dGain[dGainOffset + j] = Math.fma(d, h, dGain[dGainOffset + j]);
      }
    }
  }

  private static float reciprocalRoot(float variance) {
    return 1f / (float) Math.sqrt(variance + EPSILON);
  }
}
