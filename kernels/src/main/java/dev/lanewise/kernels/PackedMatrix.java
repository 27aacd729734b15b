package dev.lanewise.kernels;

/**
 * A matrix B of k rows and n columns in the form that {@link Matmul} multiplies with fastest. Made
 * and read by a kernel; no other code depends on how the numbers lie, or in which precision.
 */
public sealed interface PackedMatrix permits PackedFloats {

  /** Returns the most rows that fit: the inner dimension of a product. */
  int rows();

  /** Returns the number of columns. */
  int columns();

  /** Returns the bytes that the numbers take. */
  long bytes();

  /**
   * The size of a matrix that is to be packed.
   *
   * @param rows most rows, the inner dimension of a product
   * @param columns columns
   */
  record Size(int rows, int columns) {}
}
