package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Dropout;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Philox;

/** Dropout, one random word at a time. */
final class ScalarDropout implements Dropout {

  @Override
  public void apply(
      int row, int rows, Matrix x, Matrix y, Mask mask, long key, int step, long firstRow) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < y.columns(); j++) {
        long index = (firstRow + r) * y.columns() + j;
        int u = Philox.element(key, mask.stream(), step, index) >>> 8;
        float v = x.data()[x.offset(r) + j];
        y.data()[y.offset(r) + j] = u >= mask.threshold() ? v * mask.scale() : 0f;
      }
    }
  }
}
