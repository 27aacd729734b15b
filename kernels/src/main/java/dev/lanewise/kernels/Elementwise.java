package dev.lanewise.kernels;

/** Sums of matrices, element by element, and sums over the rows of a matrix. */
public interface Elementwise {

  /**
   * y = a + b, in {@code rows} rows from {@code row} on; y may be a or b: the residual connection.
   */
  void add(int row, int rows, Matrix a, Matrix b, Matrix y);

  /** y(yRow + i) += x(xRow + i), for i below rows: rows of one matrix onto those of another. */
  void accumulate(int rows, Matrix x, int xRow, Matrix y, int yRow);

  /**
   * dBias[j] += dy[r, j] over the first {@code rows} rows in ascending order, for some columns: the
   * gradient of a bias.
   *
   * @param dBias one row
   */
  void biasGradient(int rows, int fromColumn, int toColumn, Matrix dy, Matrix dBias);
}
