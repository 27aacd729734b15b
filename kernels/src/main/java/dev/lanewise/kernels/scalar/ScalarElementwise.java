package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Elementwise;

/** Elementwise operations in plain loops. */
final class ScalarElementwise implements Elementwise {

  @Override
  public void add(int n, float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i++) {
      y[yOffset + i] = a[aOffset + i] + b[bOffset + i];
    }
  }

  @Override
  public void scale(int n, float factor, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i++) {
      y[yOffset + i] = x[xOffset + i] * factor;
    }
  }

  @Override
  public void addBias(
      int rows,
      int n,
      float[] x,
      int xOffset,
      float[] bias,
      int biasOffset,
      float[] y,
      int yOffset) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < n; j++) {
        y[yOffset + r * n + j] = x[xOffset + r * n + j] + bias[biasOffset + j];
      }
    }
  }

  @Override
  public void biasGradient(
      int rows, int n, float[] dy, int dyOffset, int dyStride, float[] dBias, int dBiasOffset) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < n; j++) {
        dBias[dBiasOffset + j] += dy[dyOffset + r * dyStride + j];
      }
    }
  }
}
