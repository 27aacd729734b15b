package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Gelu;

/** GELU in plain loops. */
final class ScalarGelu implements Gelu {

  @Override
  public void forward(int n, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i++) {
      float v = x[xOffset + i];
      y[yOffset + i] = v * sigmoid(v, v * v);
    }
  }

  @Override
  public void backward(
      int n, float[] x, int xOffset, float[] dy, int dyOffset, float[] dx, int dxOffset) {
    for (int i = 0; i < n; i++) {
      float v = x[xOffset + i];
      float q = v * v;
      float s = sigmoid(v, q);
      float dw = Math.fma(q, CUBIC_DERIVATIVE, LINEAR);
      dx[dxOffset + i] = dy[dyOffset + i] * Math.fma((v * s) * (1f - s), dw, s);
    }
  }

  private static float sigmoid(float v, float q) {
    float w = v * Math.fma(q, CUBIC, LINEAR);
    return 1f / (1f + ScalarMath.exp(-w));
  }
}
