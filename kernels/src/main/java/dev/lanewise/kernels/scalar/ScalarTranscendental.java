package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Transcendental;

/** {@link ScalarMath} over arrays. */
final class ScalarTranscendental implements Transcendental {

  @Override
  public void exp(int n, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i++) {
      y[yOffset + i] = ScalarMath.exp(x[xOffset + i]);
    }
  }

  @Override
  public void tanh(int n, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i++) {
      y[yOffset + i] = ScalarMath.tanh(x[xOffset + i]);
    }
  }

  @Override
  public void log(int n, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i++) {
      y[yOffset + i] = ScalarMath.log(x[xOffset + i]);
    }
  }
}
