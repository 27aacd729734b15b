package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Lanes;
import dev.lanewise.kernels.LayerNorm;
import dev.lanewise.kernels.Matrix;

/** Layer normalisation in plain loops. */
final class ScalarLayerNorm implements LayerNorm {

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
    for (int r = row; r < row + rows; r++) {
      float[] lanes = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        lanes[j % Lanes.COUNT] += x.data()[x.offset(r) + j];
      }
      float mu = Lanes.fold(lanes) * inverse;
      lanes = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        float d = x.data()[x.offset(r) + j] - mu;
        lanes[j % Lanes.COUNT] = Math.fma(d, d, lanes[j % Lanes.COUNT]);
      }
      float variance = Lanes.fold(lanes) * inverse;
      float s = 1f / (float) Math.sqrt(variance + epsilon);
      for (int j = 0; j < n; j++) {
        float h = (x.data()[x.offset(r) + j] - mu) * s;
        float g = gain.data()[gain.offset() + j];
        y.data()[y.offset(r) + j] =
            bias == null ? h * g : Math.fma(h, g, bias.data()[bias.offset() + j]);
      }
      mean.data()[mean.offset(r)] = mu;
      rstd.data()[rstd.offset(r)] = s;
    }
  }

  @Override
  public void backward(
      int row, int rows, Matrix x, Matrix gain, Matrix mean, Matrix rstd, Matrix dy, Matrix dx) {
    int n = x.columns();
    float inverse = 1f / n;
    for (int r = row; r < row + rows; r++) {
      float mu = mean.data()[mean.offset(r)];
      float s = rstd.data()[rstd.offset(r)];
      float[] sums = new float[Lanes.COUNT];
      float[] products = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        int lane = j % Lanes.COUNT;
        float h = (x.data()[x.offset(r) + j] - mu) * s;
        float d = dy.data()[dy.offset(r) + j];
        float g = gain.data()[gain.offset() + j];
        sums[lane] = Math.fma(d, g, sums[lane]);
        products[lane] = Math.fma(d * g, h, products[lane]);
      }
      float a = Lanes.fold(sums) * inverse;
      float b = Lanes.fold(products) * inverse;
      for (int j = 0; j < n; j++) {
        float h = (x.data()[x.offset(r) + j] - mu) * s;
        float g = dy.data()[dy.offset(r) + j] * gain.data()[gain.offset() + j];
        int i = dx.offset(r) + j;
        dx.data()[i] = Math.fma(Math.fma(-h, b, g - a), s, dx.data()[i]);
      }
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
    for (int r = 0; r < rows; r++) {
      float mu = mean.data()[mean.offset(r)];
      float s = rstd.data()[rstd.offset(r)];
      for (int j = fromColumn; j < toColumn; j++) {
        float h = (x.data()[x.offset(r) + j] - mu) * s;
        int i = dGain.offset() + j;
        dGain.data()[i] = Math.fma(dy.data()[dy.offset(r) + j], h, dGain.data()[i]);
      }
    }
  }
}
