package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;

/**
 * A slice of an array amid guards. The guards, and whatever an operation may not write, are
 * compared with the state before the call; they are NaN, so that reading them shows as well.
 */
final class Slice {

  private static final float GUARD = Float.intBitsToFloat(0x7fdeadbe);
  private static final int GUARD_LENGTH = 40;

  /** How an operation is shown the slice. */
  interface View {
    Matrix of(float[] array, int offset);
  }

  final float[] array;
  final int offset;
  final int length;

  /** The slice as an operation takes it, made beforehand: a call may not allocate. */
  final Matrix matrix;

  private final View view;
  private final float[] before;
  private final IntPredicate writable;
  private final IntPredicate specified;
  private PackedMatrix packed;

  private Slice(
      float[] array,
      int offset,
      int length,
      View view,
      IntPredicate writable,
      IntPredicate specified) {
    this.array = array;
    this.offset = offset;
    this.length = length;
    this.view = view;
    this.matrix = view.of(array, offset);
    this.before = array.clone();
    this.writable = writable;
    this.specified = specified;
  }

  /** A slice that may only be read. */
  static Slice in(Values values, long seed, int length) {
    return inRows(values, seed, 1, length, length);
  }

  /** A slice that may be written, with something in it already. */
  static Slice out(Values values, long seed, int length) {
    return outRows(values, seed, 1, length, length);
  }

  /** Rows of n floats that lie {@code stride} apart, to be read; guards between them. */
  static Slice inRows(Values values, long seed, int rows, int n, int stride) {
    float[] array = rows(values, seed, rows, n, stride);
    return new Slice(array, offset(seed), rows * stride, rowsOf(n, stride), i -> false, i -> true);
  }

  /** Rows of n floats that lie {@code stride} apart, to be written; guards between them. */
  static Slice outRows(Values values, long seed, int rows, int n, int stride) {
    float[] array = rows(values, seed, rows, n, stride);
    return new Slice(
        array, offset(seed), rows * stride, rowsOf(n, stride), i -> i % stride < n, i -> true);
  }

  /** Room for intermediate results, of which nothing is promised. */
  static Slice scratch(int length) {
    float[] array = new float[length + 2 * GUARD_LENGTH];
    Arrays.fill(array, GUARD);
    return new Slice(array, 5, length, rowsOf(length, length), i -> true, i -> false);
  }

  private static View rowsOf(int n, int stride) {
    return (array, offset) -> Matrix.of(array, offset, n, stride);
  }

  /** This slice, shown in another way. */
  Slice as(View otherView) {
    return new Slice(array, offset, length, otherView, writable, specified);
  }

  /** The slice as a packed matrix of these kernels, the same one in each call. */
  PackedMatrix packed(KernelSet kernels, PackedMatrix.Size size) {
    if (packed == null) {
      packed = kernels.matmul().packedIn(array, offset, size);
    }
    return packed;
  }

  /** This slice, of which only a block of some rows and columns may be written. */
  Slice onlyBlock(int fromRow, int rows, int fromColumn, int columns) {
    int stride = matrix.rowStride();
    return writable(
        i ->
            i / stride >= fromRow
                && i / stride < fromRow + rows
                && i % stride >= fromColumn
                && i % stride < fromColumn + columns);
  }

  /** This slice, of which only some elements have a specified value after the call. */
  Slice specified(IntPredicate specifiedElements) {
    return new Slice(array, offset, length, view, writable, specifiedElements);
  }

  /** This slice with other elements to be left as they are. */
  Slice writable(IntPredicate writableElements) {
    return new Slice(array, offset, length, view, writableElements, specified);
  }

  /** This slice with the magnitudes of its values. */
  Slice absolute() {
    float[] absolute = array.clone();
    for (int i = offset; i < offset + length; i++) {
      absolute[i] = Math.abs(absolute[i]);
    }
    return new Slice(absolute, offset, length, view, writable, specified);
  }

  Slice copy() {
    return new Slice(array.clone(), offset, length, view, writable, specified);
  }

  void restore() {
    System.arraycopy(before, 0, array, 0, array.length);
  }

  float get(int i) {
    return array[offset + i];
  }

  void set(int i, float value) {
    array[offset + i] = value;
  }

  /** Fails if anything but a writable element changed since the slice was made. */
  void assertOnlyWritableChanged(String what) {
    for (int i = 0; i < array.length; i++) {
      int element = i - offset;
      boolean inside = element >= 0 && element < length;
      boolean changed = Float.floatToRawIntBits(array[i]) != Float.floatToRawIntBits(before[i]);
      if (changed && !(inside && writable.test(element))) {
        fail("%s changed element %d of a slice of %d", what, element, length);
      }
    }
  }

  /** Fails unless each specified element has the same bits in both; any NaN equals any NaN. */
  static void assertSameBits(String what, Slice expected, Slice actual) {
    for (int i = 0; i < expected.length; i++) {
      float e = expected.get(i);
      float a = actual.get(i);
      if (expected.specified.test(i) && Float.floatToIntBits(e) != Float.floatToIntBits(a)) {
        fail("%s: element %d is %s (%a), not %s (%a)", what, i, a, a, e, e);
      }
    }
  }

  private static float[] rows(Values values, long seed, int rows, int n, int stride) {
    SplittableRandom random = new SplittableRandom(seed);
    int offset = offset(seed);
    float[] array = new float[offset + rows * stride + GUARD_LENGTH];
    Arrays.fill(array, GUARD);
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < n; j++) {
        array[offset + r * stride + j] = values.next(random);
      }
    }
    return array;
  }

  /** Anything from 0 to 18, odd and even. */
  private static int offset(long seed) {
    return Math.floorMod(seed * 7, 19);
  }
}
