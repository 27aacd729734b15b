package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Embedding;
import dev.lanewise.kernels.Matrix;

/** Table look-ups in plain loops. */
final class ScalarEmbedding implements Embedding {

  @Override
  public void gather(int row, int rows, int[] ids, Matrix table, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < y.columns(); j++) {
        y.data()[y.offset(r) + j] = table.data()[table.offset(ids[r]) + j];
      }
    }
  }

  @Override
  public void gatherAdd(int row, int rows, int[] ids, Matrix table, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < y.columns(); j++) {
        y.data()[y.offset(r) + j] += table.data()[table.offset(ids[r]) + j];
      }
    }
  }

  @Override
  public void scatterAdd(int row, int rows, int[] ids, Matrix dy, Matrix dTable) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < dy.columns(); j++) {
        dTable.data()[dTable.offset(ids[r]) + j] += dy.data()[dy.offset(r) + j];
      }
    }
  }
}
