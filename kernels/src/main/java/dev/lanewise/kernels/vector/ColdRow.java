package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.IntPacking.GROUP_INTS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Precision;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One row by panels in plain loops, with the bits of the vector kernels: for the first tokens of a
 * process. Until C2 has compiled them vectors are objects, and a row of a large model takes
 * seconds; plain loops are fast at once. Meanwhile the vector kernel does a few rows of each
 * product, which is what gets it compiled, and as soon as it is the faster one it does all.
 *
 * <p>Only speed rests on what is remembered here.
 */
final class ColdRow {

  /** Rows of the first two panels that the vector kernel does: whole groups. */
  static final int WARMING_ROWS = 2 * Precision.GROUP;

  private static final int COLUMNS = MatmulTile.COLUMNS;
  private static final int UPPER = 0xffff0000;
  private static final int BYTE = 0xff;

  /** Whether the vector kernel of a precision is compiled. */
  private final AtomicBoolean compiled = new AtomicBoolean();

  /** Whether a product is worth doing otherwise than by the vector kernel. */
  boolean isCold(int k, int columns) {
    return !compiled.get() && k > WARMING_ROWS && columns >= 2 * COLUMNS;
  }

  /**
   * Compares what the vector kernel did with what plain loops did.
   *
   * @param vectorNanos of {@link #WARMING_ROWS} rows of two panels
   * @param plainNanos of the rest
   * @param numbers how many weights there are in all
   */
  void compare(long vectorNanos, long plainNanos, long numbers) {
    long vectorNumbers = 2L * WARMING_ROWS * COLUMNS;
    long plainNumbers = numbers - vectorNumbers;
    if (vectorNanos * plainNumbers < plainNanos * vectorNumbers) {
      compiled.set(true);
    }
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
