package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Reduction;

/** Sums of flat arrays in plain loops. */
final class ScalarReduction implements Reduction {

  @Override
  public double sumOfSquares(int n, float[] x, int xOffset) {
    double[] lanes = new double[DOUBLE_LANES];
    for (int i = 0; i < n; i++) {
      double v = x[xOffset + i];
      lanes[i % DOUBLE_LANES] = Math.fma(v, v, lanes[i % DOUBLE_LANES]);
    }
    for (int half = DOUBLE_LANES / 2; half > 0; half /= 2) {
      for (int j = 0; j < half; j++) {
        lanes[j] += lanes[j + half];
      }
    }
    return lanes[0];
  }

  @Override
  public void add(int n, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i++) {
      y[yOffset + i] += x[xOffset + i];
    }
  }
}
