package dev.lanewise.kernels;

/**
 * A matrix B of k rows and n columns as the right operand of {@link Matmul}: packed before, or, as
 * an {@link UnpackedMatrix}, by the product. Made and read by a kernel; no other code depends on
 * how packed numbers lie.
 */
public sealed interface PackedMatrix
    permits PackedFloats, PackedInts, PackedTranspose, UnpackedMatrix {

  /** Returns the most rows that fit: the inner dimension of a product. */
  int rows();

  /** Returns the number of columns. */
  int columns();

  /** Returns what the numbers are rounded to. */
  Precision precision();

  /** Returns the bytes that its own numbers take. */
  long bytes();

  /**
   * The size of a matrix that is to be packed.
   *
   * @param rows most rows, the inner dimension of a product
   * @param columns columns
   * @param precision what the numbers are rounded to
   */
  record Size(int rows, int columns, Precision precision) {

    /** The size of a matrix of floats. */
    public Size(int rows, int columns) {
      this(rows, columns, Precision.F32);
    }
  }
}
