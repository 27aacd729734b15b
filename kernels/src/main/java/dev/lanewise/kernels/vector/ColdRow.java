package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.IntPacking.GROUP_INTS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Precision;

/**
 * One row by panels in plain loops, with the bits of the vector kernels: for the first tokens of a
 * process, see {@link Cold}. The vector kernel does the first rows of two panels meanwhile.
 */
final class ColdRow {

  /** Rows of the first two panels that the vector kernel does: whole groups. */
  static final int WARMING_ROWS = 2 * Precision.GROUP;

  private static final int COLUMNS = MatmulTile.COLUMNS;
  private static final int UPPER = 0xffff0000;
  private static final int BYTE = 0xff;

  private ColdRow() {}

  /** Whether a product has so much for plain loops that they are worth it. */
  static boolean isWorthIt(int k, int columns) {
    return k > WARMING_ROWS && columns >= 2 * COLUMNS;
  }

  /** Tells how a product of k rows and n columns was done. */
  static void compare(Cold cold, long vectorNanos, long plainNanos, int k, int n) {
    long vectorNumbers = 2L * WARMING_ROWS * COLUMNS;
    cold.compare(vectorNanos, vectorNumbers, plainNanos, (long) k * n - vectorNumbers);
  }

  /** Makes C what the chains begin with. A null start is zero. */
  static void begin(int columns, float[] start, int startOffset, float[] c, int cOffset) {
    for (int j = 0; j < columns; j++) {
      c[cOffset + j] = start == null ? 0f : start[startOffset + j];
    }
  }

  /** Goes on with C, by some columns of a panel of floats. */
  static void floats(
      int columns,
      int fromRow,
      int k,
      float[] a,
      int aOffset,
      int aStep,
      float[] b,
      int panel,
      float[] c,
      int cOffset) {
    for (int p = fromRow; p < k; p++) {
      float x = a[aOffset + p * aStep];
      int row = panel + p * COLUMNS;
      for (int j = 0; j < columns; j++) {
        c[cOffset + j] = Math.fma(x, b[row + j], c[cOffset + j]);
      }
    }
  }

  /** As {@link #floats}, by a panel of ints. */
  static void ints(
      Precision precision,
      int columns,
      int fromRow,
      int k,
      float[] a,
      int aOffset,
      int aStep,
      int[] b,
      int panel,
      float[] c,
      int cOffset) {
    int left = Math.min(L, columns);
    int right = columns - left;
    switch (precision) {
      case BF16 -> {
        for (int p = fromRow; p < k; p++) {
          float x = a[aOffset + p * aStep];
          bfloat16(left, right, x, b, panel + p * L, c, cOffset);
        }
      }
      case F16 -> {
        for (int p = fromRow; p < k; p++) {
          float x = a[aOffset + p * aStep];
          float16(left, right, x, b, panel + p * L, c, cOffset);
        }
      }
      default -> {
        for (int p = fromRow; p < k; p++) {
          float x = a[aOffset + p * aStep];
          int group = panel + p / Precision.GROUP * GROUP_INTS;
          int inGroup = p % Precision.GROUP;
          int shift = inGroup % 2 * Short.SIZE;
          bytes(left, right, x, b, group, group + (1 + inGroup / 2) * L, shift, c, cOffset);
        }
      }
    }
  }

  private static void bfloat16(
      int left, int right, float x, int[] b, int row, float[] c, int cOffset) {
    for (int i = 0; i < left; i++) {
      float w = Float.intBitsToFloat(b[row + i] << Short.SIZE);
      c[cOffset + i] = Math.fma(x, w, c[cOffset + i]);
    }
    int second = cOffset + L;
    for (int i = 0; i < right; i++) {
      float w = Float.intBitsToFloat(b[row + i] & UPPER);
      c[second + i] = Math.fma(x, w, c[second + i]);
    }
  }

  private static void float16(
      int left, int right, float x, int[] b, int row, float[] c, int cOffset) {
    for (int i = 0; i < left; i++) {
      float w = Float.float16ToFloat((short) b[row + i]);
      c[cOffset + i] = Math.fma(x, w, c[cOffset + i]);
    }
    int second = cOffset + L;
    for (int i = 0; i < right; i++) {
      float w = Float.float16ToFloat((short) (b[row + i] >>> Short.SIZE));
      c[second + i] = Math.fma(x, w, c[second + i]);
    }
  }

  private static void bytes(
      int left,
      int right,
      float x,
      int[] b,
      int scales,
      int row,
      int shift,
      float[] c,
      int cOffset) {
    for (int i = 0; i < left; i++) {
      int number = ((b[row + i] >>> shift) & BYTE) - IntPacking.BIAS;
      float w = number * Float.intBitsToFloat(b[scales + i] << Short.SIZE);
      c[cOffset + i] = Math.fma(x, w, c[cOffset + i]);
    }
    int second = cOffset + L;
    for (int i = 0; i < right; i++) {
      int number = ((b[row + i] >>> (shift + Byte.SIZE)) & BYTE) - IntPacking.BIAS;
      float w = number * Float.intBitsToFloat(b[scales + i] & UPPER);
      c[second + i] = Math.fma(x, w, c[second + i]);
    }
  }
}
