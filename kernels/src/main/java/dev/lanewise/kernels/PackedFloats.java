package dev.lanewise.kernels;

/**
 * A packed matrix of floats: panels of {@link #panelWidth} columns, each {@link #rows} rows of that
 * many floats, the last panel padded with zeros. Panel q therefore starts at {@code offset + q *
 * rows * panelWidth}. For implementations of {@link Matmul} only.
 */
public final class PackedFloats implements PackedMatrix {

  private final float[] data;
  private final int offset;
  private final int rows;
  private final int columns;
  private final int panelWidth;

  /** Views panels in an array. */
  public PackedFloats(float[] data, int offset, int rows, int columns, int panelWidth) {
    this.data = data;
    this.offset = offset;
    this.rows = rows;
    this.columns = columns;
    this.panelWidth = panelWidth;
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
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  /** Returns the columns of a panel. */
  public int panelWidth() {
    return panelWidth;
  }

  @Override
  public long bytes() {
    return (long) Float.BYTES * Math.ceilDiv(columns, panelWidth) * panelWidth * rows;
  }
}
