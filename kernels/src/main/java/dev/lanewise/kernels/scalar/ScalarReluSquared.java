package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.ReluSquared;

/** The squared ReLU in plain loops. */
final class ScalarReluSquared implements ReluSquared {

  @Override
  public void forward(int row, int rows, Matrix x, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < y.columns(); j++) {
        float above = Math.max(x.data()[x.offset(r) + j], 0f);
        y.data()[y.offset(r) + j] = above * above;
      }
    }
  }

  @Override
  public void backward(int row, int rows, Matrix x, Matrix dy, Matrix dx) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < dx.columns(); j++) {
        float above = Math.max(x.data()[x.offset(r) + j], 0f);
        dx.data()[dx.offset(r) + j] = dy.data()[dy.offset(r) + j] * (above + above);
      }
    }
  }
}
