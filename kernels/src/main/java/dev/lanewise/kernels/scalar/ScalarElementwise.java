package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Elementwise;
import dev.lanewise.kernels.Matrix;

/** Elementwise operations in plain loops. */
final class ScalarElementwise implements Elementwise {

  @Override
  public void add(int row, int rows, Matrix a, Matrix b, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < y.columns(); j++) {
        y.data()[y.offset(r) + j] = a.data()[a.offset(r) + j] + b.data()[b.offset(r) + j];
      }
    }
  }

  @Override
  public void accumulate(int rows, Matrix x, int xRow, Matrix y, int yRow) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < y.columns(); j++) {
        y.data()[y.offset(yRow + i) + j] += x.data()[x.offset(xRow + i) + j];
      }
    }
  }

  @Override
  public void biasGradient(int rows, int fromColumn, int toColumn, Matrix dy, Matrix dBias) {
    for (int r = 0; r < rows; r++) {
      for (int j = fromColumn; j < toColumn; j++) {
        dBias.data()[dBias.offset() + j] += dy.data()[dy.offset(r) + j];
      }
    }
  }
}
