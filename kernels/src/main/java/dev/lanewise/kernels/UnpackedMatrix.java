package dev.lanewise.kernels;

/**
 * A matrix as it lies, for products that pack a block of it at a time. With many rows on the other
 * side that is a small part of the work, and it spares the memory of a packed copy and the time to
 * pack it anew whenever the numbers change.
 *
 * @param matrix its element (i, j) is that of row i and column j; also a transposed view
 * @param rows how many rows it has: the inner dimension of a product
 */
public record UnpackedMatrix(Matrix matrix, int rows) implements PackedMatrix {

  @Override
  public int columns() {
    return matrix.columns();
  }

  @Override
  public Precision precision() {
    return Precision.F32;
  }

  /** None: they are the matrix's. */
  @Override
  public long bytes() {
    return 0;
  }
}
