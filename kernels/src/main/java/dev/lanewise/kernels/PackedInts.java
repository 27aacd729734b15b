package dev.lanewise.kernels;

import java.util.List;

/**
 * A packed matrix of numbers that are smaller than floats, several of them in each int. Like {@link
 * PackedFloats} it consists of panels of {@link #panelWidth} columns, the last one padded with
 * zeros; column i and column i + width / 2 of a panel share an int, so that one vector of ints is
 * two vectors of floats. With W for half a panel's width, panel q begins at {@code offset + q *
 * panelInts}.
 *
 * <ul>
 *   <li>{@link Precision#BF16} and {@link Precision#F16}: W ints for each row, in each the number
 *       of the left half of the panel in the lower bits, and that of the right half in the upper.
 *   <li>{@link Precision#INT8}: for each group of rows W ints of scales, as numbers of BF16 lie,
 *       then W ints for each two rows: from the lowest byte up the left and the right number of the
 *       first row, the left and the right number of the second, each plus 128. There is room for
 *       whole groups.
 * </ul>
 *
 * <p>For implementations of {@link Matmul} and {@link Attention} only.
 */
public final class PackedInts implements PackedMatrix {

  private final int[] data;
  private final int offset;
  private final PackedMatrix.Size size;
  private final int panelWidth;

  private PackedInts(int[] data, int offset, PackedMatrix.Size size, int panelWidth) {
    this.data = data;
    this.offset = offset;
    this.size = size;
    this.panelWidth = panelWidth;
  }

  private static long panelInts(PackedMatrix.Size size, int panelWidth) {
    return panelWidth
        / 2
        * (size.precision() == Precision.INT8
            ? Math.ceilDiv(size.rows(), Precision.GROUP) * (1L + Precision.GROUP / 2)
            : size.rows());
  }

  private static long ints(PackedMatrix.Size size, int panelWidth) {
    return Math.ceilDiv(size.columns(), panelWidth) * panelInts(size, panelWidth);
  }

  /**
   * Allocates matrices in as few arrays as hold them, each at the start of a cache line.
   *
   * @throws IllegalArgumentException if one is larger than an array can be
   */
  public static List<PackedMatrix> allocate(List<PackedMatrix.Size> sizes, int panelWidth) {
    return PackedArrays.allocate(
        sizes,
        size -> ints(size, panelWidth),
        int[]::new,
        (data, offset, size) -> new PackedInts(data, offset, size, panelWidth));
  }

  /** Returns the bytes that {@link #allocate} takes. */
  public static long bytes(List<PackedMatrix.Size> sizes, int panelWidth) {
    return PackedArrays.bytes(sizes, size -> ints(size, panelWidth));
  }

  /** Returns the array that the panels are in. */
  public int[] data() {
    return data;
  }

  /** Returns where panel 0 begins. */
  public int offset() {
    return offset;
  }

  /** Returns the ints from a panel to the next. */
  public int panelInts() {
    return (int) panelInts(size, panelWidth);
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
    return Integer.BYTES * ints(size, panelWidth);
  }

  /**
   * Takes over the first rows and columns of another matrix, of the same panels and precision, and
   * of as many rows and columns at least.
   */
  void copy(PackedInts from, int rows, int columns) {
    int ints = (int) panelInts(new PackedMatrix.Size(rows, columns, precision()), panelWidth);
    for (int q = 0; q * panelWidth < columns; q++) {
      int panel = from.offset + q * from.panelInts();
      System.arraycopy(from.data, panel, data, offset + q * panelInts(), ints);
    }
  }
}
