package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Embedding;
import dev.lanewise.kernels.Matrix;

/** Table look-ups: each row is one copy or one vector sum. */
final class VectorEmbedding implements Embedding {

  @Override
  public void gather(int row, int rows, int[] ids, Matrix table, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      System.arraycopy(table.data(), table.offset(ids[r]), y.data(), y.offset(r), y.columns());
    }
  }

  @Override
  public void gatherAdd(int row, int rows, int[] ids, Matrix table, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      float[] sums = y.data();
      int to = y.offset(r);
      VectorElementwise.sum(y.columns(), sums, to, table.data(), table.offset(ids[r]), sums, to);
    }
  }

  @Override
  public void scatterAdd(int row, int rows, int[] ids, Matrix dy, Matrix dTable) {
    for (int r = row; r < row + rows; r++) {
      float[] sums = dTable.data();
      int to = dTable.offset(ids[r]);
      VectorElementwise.sum(dy.columns(), sums, to, dy.data(), dy.offset(r), sums, to);
    }
  }
}
