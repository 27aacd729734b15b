package dev.lanewise.kernels;

/**
 * Adam on single rows of a table of which a step touches few. A row whose gradient is zero for some
 * steps goes on moving by its momentum, which is made up for at once when the row is next needed.
 *
 * <p><b>Definition.</b> A glide, per element: {@code w = fma(-distance, m / (sqrt(v) + epsilon),
 * w)}; {@code m = m * keepM}; {@code v = v * keepV}. An update is {@link AdamWUpdate}'s with decay
 * 0.
 */
public interface RowAdam {

  /**
   * Moves a row as its momentum would have in steps that did not touch it.
   *
   * @param distance the sum of the steps' learning rates, each times what is left of the momentum
   * @param keepM what is left of the first moment after these steps
   * @param keepV what is left of the second moment
   * @param row of all three matrices
   */
  void glide(
      float distance,
      float keepM,
      float keepV,
      float epsilon,
      int row,
      Matrix w,
      Matrix m,
      Matrix v);

  /**
   * Updates a row by its gradient.
   *
   * @param row of weights and moments
   * @param gRow of the gradient
   */
  void update(AdamWUpdate.Step step, int row, Matrix w, Matrix m, Matrix v, int gRow, Matrix g);
}
