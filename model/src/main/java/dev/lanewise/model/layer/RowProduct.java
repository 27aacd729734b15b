package dev.lanewise.model.layer;

/**
 * One row times a packed matrix, some panels at a time: what generation does with every weight.
 * Panels are independent, so workers can share a row's product out among them.
 */
interface RowProduct {

  /** Rows of the matrix: elements of the row that is multiplied. */
  int in();

  /** Columns of the matrix: elements of the result. */
  int out();

  /**
   * Computes columns {@code from} to {@code to} of the result.
   *
   * @param from a multiple of the panels' width
   * @param panels the packed weights of the forward pass
   */
  void columns(int from, int to, float[] weights, float[] panels, float[] x, float[] y);
}
