package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Where packed matrices lie that are made together: in as few arrays as hold them. */
final class PackedArrays {

  /** Most elements of an array that several matrices share: half of what an array can hold. */
  static final long SHARED = 1L << 30;

  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  private PackedArrays() {}

  /** How many elements of 4 bytes a matrix takes. */
  interface Elements {
    long of(PackedMatrix.Size size);
  }

  /** Makes an array of that many elements. */
  interface Array<T> {
    T of(int length);
  }

  /** Views a matrix in an array. */
  interface View<T> {
    PackedMatrix of(T array, int offset, PackedMatrix.Size size);
  }

  /**
   * Allocates matrices, each at the start of a cache line.
   *
   * @throws IllegalArgumentException if one is larger than an array can be
   */
  static <T> List<PackedMatrix> allocate(
      List<PackedMatrix.Size> sizes, Elements elements, Array<T> array, View<T> view) {
    List<PackedMatrix> matrices = new ArrayList<>(sizes.size());
    int next = 0;
    for (int length : lengths(sizes, elements, SHARED)) {
      T data = array.of(length);
      long end = 0;
      while (next < sizes.size()) {
        PackedMatrix.Size size = sizes.get(next);
        long start = CacheLine.start(end);
        end = start + elements.of(size);
        if (end > length) {
          break;
        }
        matrices.add(view.of(data, (int) start, size));
        next++;
      }
    }
    return List.copyOf(matrices);
  }

  /** The bytes that {@link #allocate} takes. */
  static long bytes(List<PackedMatrix.Size> sizes, Elements elements) {
    return Float.BYTES
        * lengths(sizes, elements, SHARED).stream().mapToLong(Integer::longValue).sum();
  }

  /**
   * The lengths of the arrays that hold the matrices in order.
   *
   * @param shared most elements of an array that has more than one
   */
  static List<Integer> lengths(List<PackedMatrix.Size> sizes, Elements elements, long shared) {
    List<Integer> lengths = new ArrayList<>();
    long length = 0;
    for (PackedMatrix.Size size : sizes) {
      long own = elements.of(size);
      long end = CacheLine.start(length) + own;
      if (length > 0 && end > shared) {
        lengths.add((int) length);
        end = CacheLine.start(0) + own;
      }
      if (end > LARGEST_ARRAY) {
        throw new IllegalArgumentException(
            "a packed matrix of %d rows and %d columns takes %d bytes, more than an array holds"
                .formatted(size.rows(), size.columns(), own * Float.BYTES));
      }
      length = end;
    }
    if (length > 0) {
      lengths.add((int) length);
    }
    return lengths;
  }
}
