package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Gelu;
import dev.lanewise.kernels.Matrix;

/** GELU in plain loops. */
final class ScalarGelu implements Gelu {

  @Override
  public void forward(int row, int rows, Matrix x, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < y.columns(); j++) {
        float v = x.data()[x.offset(r) + j];
        y.data()[y.offset(r) + j] = v * sigmoid(v, v * v);
      }
    }
  }

  @Override
  public void backward(int row, int rows, Matrix x, Matrix dy, Matrix dx) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < dx.columns(); j++) {
        float v = x.data()[x.offset(r) + j];
        float q = v * v;
        float s = sigmoid(v, q);
        float dw = Math.fma(q, CUBIC_DERIVATIVE, LINEAR);
        float d = dy.data()[dy.offset(r) + j];
        dx.data()[dx.offset(r) + j] = d * Math.fma((v * s) * (1f - s), dw, s);
      }
    }
  }

  private static float sigmoid(float v, float q) {
    float w = v * Math.fma(q, CUBIC, LINEAR);
    return 1f / (1f + ScalarMath.exp(-w));
  }
}
