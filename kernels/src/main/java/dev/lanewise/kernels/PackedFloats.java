package dev.lanewise.kernels;

import java.util.List;

/**
 * A packed matrix of floats: panels of {@link #panelWidth} columns, each {@link #rows} rows of that
 * many floats, the last panel padded with zeros. Panel q therefore starts at {@code offset + q *
 * rows * panelWidth}. For implementations of {@link Matmul} and {@link Attention} only.
 */
public final class PackedFloats implements PackedMatrix {

  private final float[] data;
  private final int offset;
  private final PackedMatrix.Size size;
  private final int panelWidth;

  /**
   * Views panels in an array.
   *
   * @param size of the matrix; its precision is what the floats are rounded to
   */
  public PackedFloats(float[] data, int offset, PackedMatrix.Size size, int panelWidth) {
    this.data = data;
    this.offset = offset;
    this.size = size;
    this.panelWidth = panelWidth;
  }

  /** Returns the floats of a packed matrix, padding included. */
  public static long floats(PackedMatrix.Size size, int panelWidth) {
    return (long) Math.ceilDiv(size.columns(), panelWidth) * panelWidth * size.rows();
  }

  /**
   * Allocates matrices in as few arrays as hold them, each at the start of a cache line.
   *
   * @throws IllegalArgumentException if one is larger than an array can be
   */
  public static List<PackedMatrix> allocate(List<PackedMatrix.Size> sizes, int panelWidth) {
    return PackedArrays.allocate(
        sizes,
        size -> floats(size, panelWidth),
        float[]::new,
        (data, offset, size) -> new PackedFloats(data, offset, size, panelWidth));
  }

  /** Returns the bytes that {@link #allocate} takes. */
  public static long bytes(List<PackedMatrix.Size> sizes, int panelWidth) {
    return PackedArrays.bytes(sizes, size -> floats(size, panelWidth));
  }

  /** Returns the array that the panels are in. */
  public float[] data() {
    return data;
  }

  /** Returns where panel 0 begins. */
  public int offset() {
    return offset;
  }

  @Override
  public int rows() {
    return size.rows();
  }

  @Override
  public int columns() {
    return size.columns();
  }

  @Override
  public Precision precision() {
    return size.precision();
  }

  /** Returns the columns of a panel. */
  public int panelWidth() {
    return panelWidth;
  }

  @Override
  public long bytes() {
    return Float.BYTES * floats(size, panelWidth);
  }

  /**
   * Takes over the first rows and columns of another matrix, of the same panels and precision, and
   * of as many rows and columns at least.
   */
  void copy(PackedFloats from, int rows, int columns) {
    for (int j = 0; j < columns; j += panelWidth) {
      int panel = from.offset + j * from.rows();
      System.arraycopy(from.data, panel, data, offset + j * rows(), rows * panelWidth);
    }
  }
}
