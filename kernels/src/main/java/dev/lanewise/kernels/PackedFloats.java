package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/**
 * A packed matrix of floats: panels of {@link #panelWidth} columns, each {@link #rows} rows of that
 * many floats, the last panel padded with zeros. Panel q therefore starts at {@code offset + q *
 * rows * panelWidth}. For implementations of {@link Matmul} only.
 */
public final class PackedFloats implements PackedMatrix {

  /** Most floats of an array that several matrices share: half of what an array can hold. */
  private static final long SHARED = 1L << 30;

  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

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
    List<PackedMatrix> matrices = new ArrayList<>(sizes.size());
    int next = 0;
    for (int length : arrayLengths(sizes, panelWidth, SHARED)) {
      float[] data = new float[length];
      long end = 0;
      while (next < sizes.size()) {
        PackedMatrix.Size size = sizes.get(next);
        long start = CacheLine.start(end);
        end = start + floats(size, panelWidth);
        if (end > length) {
          break;
        }
        matrices.add(new PackedFloats(data, (int) start, size.rows(), size.columns(), panelWidth));
        next++;
      }
    }
    return List.copyOf(matrices);
  }

  /** Returns the bytes that {@link #allocate} takes. */
  public static long bytes(List<PackedMatrix.Size> sizes, int panelWidth) {
    return Float.BYTES
        * arrayLengths(sizes, panelWidth, SHARED).stream().mapToLong(Integer::longValue).sum();
  }

  /**
   * The lengths of the arrays that hold the matrices in order.
   *
   * @param shared most floats of an array that has more than one
   */
  static List<Integer> arrayLengths(List<PackedMatrix.Size> sizes, int panelWidth, long shared) {
    List<Integer> lengths = new ArrayList<>();
    long length = 0;
    for (PackedMatrix.Size size : sizes) {
      long floats = floats(size, panelWidth);
      long end = CacheLine.start(length) + floats;
      if (length > 0 && end > shared) {
        lengths.add((int) length);
        end = CacheLine.start(0) + floats;
      }
      if (end > LARGEST_ARRAY) {
        throw new IllegalArgumentException(
            "a packed matrix of %d rows and %d columns takes %d floats, more than an array holds"
                .formatted(size.rows(), size.columns(), floats));
      }
      length = end;
    }
    if (length > 0) {
      lengths.add((int) length);
    }
    return lengths;
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
    return Float.BYTES * floats(new PackedMatrix.Size(rows, columns), panelWidth);
  }
}
