package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Lanes;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.RmsNorm;

/** Root mean square normalisation in plain loops. */
final class ScalarRmsNorm implements RmsNorm {

  @Override
  public void forward(
      int row, int rows, float epsilon, Matrix x, Matrix gain, Matrix y, Matrix rms) {
    int n = x.columns();
    for (int r = row; r < row + rows; r++) {
      float[] lanes = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        float v = x.data()[x.offset(r) + j];
        lanes[j % Lanes.COUNT] = Math.fma(v, v, lanes[j % Lanes.COUNT]);
      }
      float meanSquare = Lanes.fold(lanes) * (1f / n);
      float s = 1f / (float) Math.sqrt(meanSquare + epsilon);
      for (int j = 0; j < n; j++) {
        float h = x.data()[x.offset(r) + j] * s;
        y.data()[y.offset(r) + j] = h * gain.data()[gain.offset() + j];
      }
      rms.data()[rms.offset(r)] = s;
    }
  }

  @Override
  public void backward(
      int row, int rows, Matrix x, Matrix gain, Matrix rms, Matrix dy, Matrix dx) {
    int n = x.columns();
    for (int r = row; r < row + rows; r++) {
      float s = rms.data()[rms.offset(r)];
      float[] lanes = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        float g = dy.data()[dy.offset(r) + j] * gain.data()[gain.offset() + j];
        float h = x.data()[x.offset(r) + j] * s;
        lanes[j % Lanes.COUNT] = Math.fma(g, h, lanes[j % Lanes.COUNT]);
      }
      float b = Lanes.fold(lanes) * (1f / n);
      for (int j = 0; j < n; j++) {
        float g = dy.data()[dy.offset(r) + j] * gain.data()[gain.offset() + j];
        float h = x.data()[x.offset(r) + j] * s;
        int i = dx.offset(r) + j;
        dx.data()[i] = Math.fma(Math.fma(-h, b, g), s, dx.data()[i]);
      }
    }
  }

  @Override
  public void gainGradient(
      int rows, int fromColumn, int toColumn, Matrix x, Matrix rms, Matrix dy, Matrix dGain) {
    for (int r = 0; r < rows; r++) {
      float s = rms.data()[rms.offset(r)];
      for (int j = fromColumn; j < toColumn; j++) {
        float h = x.data()[x.offset(r) + j] * s;
        int i = dGain.offset() + j;
        dGain.data()[i] = Math.fma(dy.data()[dy.offset(r) + j], h, dGain.data()[i]);
      }
    }
  }
}
