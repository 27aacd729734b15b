package dev.lanewise.kernels;

/**
 * The transpose of a packed matrix, with no numbers of its own. A product with it takes a little
 * longer than one with a matrix that was packed transposed, and spares the memory of that. With
 * {@link Precision#INT8} the two are not the same: here the groups that share a scale are those of
 * the matrix.
 *
 * @param matrix panels of its own
 */
public record PackedTranspose(PackedMatrix matrix) implements PackedMatrix {

  /** Requires that it is the transpose of numbers that lie somewhere. */
  public PackedTranspose {
    if (matrix instanceof PackedTranspose) {
      throw new IllegalArgumentException("the transpose of a transpose is the matrix");
    }
    if (matrix instanceof UnpackedMatrix) {
      throw new IllegalArgumentException("a matrix as it lies has a view of its transpose");
    }
  }

  @Override
  public int rows() {
    return matrix.columns();
  }

  @Override
  public int columns() {
    return matrix.rows();
  }

  @Override
  public Precision precision() {
    return matrix.precision();
  }

  /** None: they are the matrix's. */
  @Override
  public long bytes() {
    return 0;
  }
}
