package dev.lanewise.kernels;

/** Rows of a table by number, and the gradient of the table. */
public interface Embedding {

  /**
   * y[r] = table[ids[r]], in {@code rows} rows from {@code row} on.
   *
   * @param ids an id for each row of y
   */
  void gather(int row, int rows, int[] ids, Matrix table, Matrix y);

  /**
   * y[r] += table[ids[r]], in {@code rows} rows from {@code row} on.
   *
   * @param ids an id for each row of y
   */
  void gatherAdd(int row, int rows, int[] ids, Matrix table, Matrix y);

  /**
   * dTable[ids[r]] += dy[r], over {@code rows} rows from {@code row} on in ascending order.
   *
   * @param ids an id for each row of dy
   */
  void scatterAdd(int row, int rows, int[] ids, Matrix dy, Matrix dTable);
}
