package dev.lanewise.kernels;

/**
 * A view of floats in an array as a matrix: element (i, j) lies at {@code offset + i * rowStride +
 * j * columnStride}. It shares the array and is as mutable as the array is.
 *
 * <p>Views are made once, when memory is laid out, and passed to kernels from then on: a kernel is
 * told which rows of a view to work on. Unless an operation says otherwise its views have column
 * stride 1. A row stride of 0 repeats one row, such as a bias.
 */
public final class Matrix {

  private final float[] data;
  private final int offset;
  private final int columns;
  private final int rowStride;
  private final int columnStride;

  private Matrix(float[] data, int offset, int columns, int rowStride, int columnStride) {
    this.data = data;
    this.offset = offset;
    this.columns = columns;
    this.rowStride = rowStride;
    this.columnStride = columnStride;
  }

  /** Views rows that lie one after another. */
  public static Matrix of(float[] data, int offset, int columns) {
    return new Matrix(data, offset, columns, columns, 1);
  }

  /** Views rows that begin {@code rowStride} floats apart. */
  public static Matrix of(float[] data, int offset, int columns, int rowStride) {
    return new Matrix(data, offset, columns, rowStride, 1);
  }

  /** Views one row that stands for any number of rows, such as a bias or a gain. */
  public static Matrix row(float[] data, int offset, int columns) {
    return new Matrix(data, offset, columns, 0, 1);
  }

  /** Returns a view of some columns of all rows. */
  public Matrix columns(int from, int count) {
    return new Matrix(data, offset + from * columnStride, count, rowStride, columnStride);
  }

  /**
   * Returns a view of the transpose. Only {@link Matmul} takes one.
   *
   * @param rows how many rows this view has: the columns of the transpose
   */
  public Matrix transposed(int rows) {
    return new Matrix(data, offset, rows, columnStride, rowStride);
  }

  /** Returns the array that the view shares. */
  public float[] data() {
    return data;
  }

  /** Returns where element (0, 0) lies. */
  public int offset() {
    return offset;
  }

  /** Returns where element (row, 0) lies. */
  public int offset(int row) {
    return offset + row * rowStride;
  }

  /** Returns the number of columns. */
  public int columns() {
    return columns;
  }

  /** Returns the distance from a row to the next; 0 repeats one row. */
  public int rowStride() {
    return rowStride;
  }

  /** Returns the distance from a column to the next. */
  public int columnStride() {
    return columnStride;
  }
}
