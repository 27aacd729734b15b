package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Dropout;
import dev.lanewise.kernels.Philox;

/** Dropout, one random word at a time. */
final class ScalarDropout implements Dropout {

  @Override
  public void apply(
      int n,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      int threshold,
      float scale,
      long key,
      int stream,
      int step,
      long first) {
    for (int i = 0; i < n; i++) {
      int u = Philox.element(key, stream, step, first + i) >>> 8;
      y[yOffset + i] = u >= threshold ? x[xOffset + i] * scale : 0f;
    }
  }
}
