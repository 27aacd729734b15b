package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedInts;
import dev.lanewise.kernels.Precision;

/**
 * Packs a matrix into {@link PackedInts}, and reads columns of one. In plain loops: weights are
 * packed once, right after the start, when vector code would still be interpreted.
 */
final class IntPacking {

  private static final int COLUMNS = MatmulTile.COLUMNS;
  private static final int HALF = 0xffff;
  private static final int BYTE = 0xff;

  /** What is added to numbers of INT8, so that they are positive. */
  static final int BIAS = 128;

  private static final int ZEROS = 0x80808080;

  /** Ints of a group of INT8: a row of scales, and one for each two rows of numbers. */
  static final int GROUP_INTS = L + Precision.GROUP / 2 * L;

  private IntPacking() {}

  /** As {@link dev.lanewise.kernels.Matmul#pack}. */
  static void pack(
      int rows, Matrix b, int bRow, PackedInts to, int toRow, int fromColumn, int toColumn) {
    int panel = to.offset() + fromColumn / COLUMNS * to.panelInts();
    for (int j = fromColumn; j < toColumn; j += COLUMNS) {
      int columns = Math.min(COLUMNS, toColumn - j);
      int from = b.offset(bRow) + j * b.columnStride();
      if (to.precision() == Precision.INT8) {
        for (int p = 0; p < rows; p += Precision.GROUP) {
          int at = panel + (toRow + p) / Precision.GROUP * GROUP_INTS;
          int depth = Math.min(Precision.GROUP, rows - p);
          group(depth, columns, b, from + p * b.rowStride(), to.data(), at);
        }
      } else {
        halves(to.precision(), rows, columns, b, from, to.data(), panel + toRow * L);
      }
      panel += to.panelInts();
    }
  }

  /**
   * Packs some columns of a panel of 16-bit numbers, and pads it with zeros.
   *
   * @param from where the first element is in the data of B
   * @param at where the first row is to lie
   */
  static void halves(
      Precision precision, int rows, int columns, Matrix b, int from, int[] packed, int at) {
    float[] x = b.data();
    int step = b.columnStride();
    int left = Math.min(L, columns);
    int right = columns - left;
    boolean bfloat16 = precision == Precision.BF16;
    for (int p = 0; p < rows; p++) {
      int row = from + p * b.rowStride();
      int to = at + p * L;
      for (int i = 0; i < L; i++) {
        float low = i < left ? x[row + i * step] : 0f;
        float high = i < right ? x[row + (L + i) * step] : 0f;
        packed[to + i] =
            bfloat16
                ? Precision.bfloat16(low) | (Precision.bfloat16(high) << Short.SIZE)
                : Precision.float16(low) | (Precision.float16(high) << Short.SIZE);
      }
    }
  }

  /** Packs a column of BF16, whose elements lie one after another; others stay as they are. */
  static void setColumn(int k, float[] x, int xOffset, PackedInts b, int column) {
    int[] data = b.data();
    int lane = b.offset() + column / COLUMNS * b.panelInts() + column % L;
    int shift = column % COLUMNS / L * Short.SIZE;
    int other = ~(HALF << shift);
    for (int p = 0; p < k; p++) {
      int bits = Precision.bfloat16(x[xOffset + p]) << shift;
      data[lane + p * L] = (data[lane + p * L] & other) | bits;
    }
  }

  /** One group of up to 32 rows of a panel. */
  private static void group(int rows, int columns, Matrix b, int from, int[] packed, int at) {
    for (int i = 0; i < GROUP_INTS; i++) {
      packed[at + i] = i < L ? 0 : ZEROS;
    }
    for (int j = 0; j < columns; j++) {
      numbers(rows, b.data(), from + j * b.columnStride(), b.rowStride(), packed, at, j);
    }
  }

  private static void numbers(
      int rows, float[] x, int from, int step, int[] packed, int at, int column) {
    float largest = 0f;
    for (int p = 0; p < rows; p++) {
      largest = Math.max(largest, Math.abs(x[from + p * step]));
    }
    float scale = Precision.scale(largest);
    int lane = at + column % L;
    int side = column / L;
    packed[lane] |= Precision.bfloat16(scale) << (side * Short.SIZE);
    for (int p = 0; p < rows; p++) {
      int shift = p % 2 * Short.SIZE + side * Byte.SIZE;
      // What is there is a zero, 128.
      packed[lane + (1 + p / 2) * L] += Precision.multiple(x[from + p * step], scale) << shift;
    }
  }

  /** Widens a column. */
  static void column(int k, PackedInts b, int column, float[] y, int yOffset) {
    for (int p = 0; p < k; p++) {
      y[yOffset + p] = element(b, p, column);
    }
  }

  /** Widens one number. */
  static float element(PackedInts b, int row, int column) {
    int[] data = b.data();
    int lane = b.offset() + column / COLUMNS * b.panelInts() + column % L;
    int side = column % COLUMNS / L;
    int shift = side * Short.SIZE;
    return switch (b.precision()) {
      case BF16 -> bfloat16(data[lane + row * L] >>> shift);
      case F16 -> Float.float16ToFloat((short) (data[lane + row * L] >>> shift));
      default -> {
        int group = lane + row / Precision.GROUP * GROUP_INTS;
        int of = row % Precision.GROUP;
        int bytes = data[group + (1 + of / 2) * L];
        int number = (bytes >>> (of % 2 * Short.SIZE + side * Byte.SIZE)) & BYTE;
        yield (number - BIAS) * bfloat16(data[group] >>> shift);
      }
    };
  }

  private static float bfloat16(int bits) {
    return Float.intBitsToFloat((bits & HALF) << Short.SIZE);
  }
}
