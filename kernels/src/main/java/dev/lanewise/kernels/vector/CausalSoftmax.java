package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * Softmax of some rows of a lower triangular matrix, and its gradient. It takes as many rows as L1
 * holds through one operation after another instead of one row through all: each operation waits
 * for the one before, and rows do not wait for each other.
 *
 * <p>Row t of a matrix begins at its offset + t times its stride, also when the rows before the
 * first are not there.
 */
final class CausalSoftmax {

  /** Floats of all rows that go through the operations together: 32 KB, the smallest L1. */
  private static final int CACHED = 1 << 13;

  private CausalSoftmax() {}

  /**
   * Softmax of the first t + 1 elements of each row t, in place. Rows are padded to whole lane
   * sums, so that hardly a vector is masked: first with an element of the row, which leaves the
   * maximum as it is (and not with -∞, because results that underflow are slow), then with 0 for
   * the sum.
   *
   * @param time elements of a row that may be written
   * @param perRow room for a number per row, from the first on
   */
  static void forward(
      int from,
      int to,
      int time,
      float scale,
      float[] z,
      int zOffset,
      int zStride,
      float[] perRow,
      int perRowOffset) {
    for (int t = from; t < to; ) {
      int end = together(t, to);
      forwardTogether(t, end, time, scale, z, zOffset, zStride, perRow, perRowOffset);
      t = end;
    }
  }

  /** The end of the rows from t on that L1 holds of a matrix; one row at least. */
  private static int together(int t, int to) {
    int end = t + 1;
    while (end < to && (long) (end + 1 - t) * (end + 1) <= CACHED) {
      end++;
    }
    return end;
  }

  private static void forwardTogether(
      int from,
      int to,
      int time,
      float scale,
      float[] z,
      int zOffset,
      int zStride,
      float[] perRow,
      int perRowOffset) {
    int number = perRowOffset - from;
    for (int t = from; t < to; t++) {
      int at = zOffset + t * zStride;
      pad(z[at], t + 1, padded(t, time), z, at);
    }
    boolean near = true;
    for (int t = from; t < to; t++) {
      long extremes = VectorSoftmax.extremes(padded(t, time), scale, z, zOffset + t * zStride);
      perRow[number + t] = VectorSoftmax.max(extremes);
      near &= VectorSoftmax.isNear(extremes);
    }
    for (int t = from; t < to; t++) {
      int at = zOffset + t * zStride;
      VectorSoftmax.exponentials(near, padded(t, time), scale, perRow[number + t], z, at, z, at);
    }
    for (int t = from; t < to; t++) {
      pad(0f, t + 1, padded(t, time), z, zOffset + t * zStride);
    }
    for (int t = from; t < to; t++) {
      perRow[number + t] = VectorLanes.sum(padded(t, time), z, zOffset + t * zStride);
    }
    for (int t = from; t < to; t++) {
      int at = zOffset + t * zStride;
      VectorElementwise.multiply(padded(t, time), 1f / perRow[number + t], z, at, z, at);
    }
  }

  private static int padded(int t, int time) {
    return Math.min(time, (t + Lanes.COUNT) / Lanes.COUNT * Lanes.COUNT);
  }

  /** Sets x[from..to) to a value. */
  private static void pad(float value, int from, int to, float[] x, int xOffset) {
    int i = from / L * L;
    for (; i <= to - L; i += L) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i);
      v.blend(value, FLOATS.indexInRange(i, from).not()).intoArray(x, xOffset + i);
    }
    for (i = Math.max(i, from); i < to; i++) {
      x[xOffset + i] = value;
    }
  }

  /**
   * The gradient for the first t + 1 elements of each row t: dz from dp, in place.
   *
   * @param perRow room for a number per row, from the first on
   */
  static void backward(
      int from,
      int to,
      float scale,
      float[] p,
      int pOffset,
      int pStride,
      float[] dz,
      int dzOffset,
      int dzStride,
      float[] perRow,
      int perRowOffset) {
    for (int t = from; t < to; ) {
      int end = together(t, to);
      backwardTogether(
          t, end, scale, p, pOffset, pStride, dz, dzOffset, dzStride, perRow, perRowOffset);
      t = end;
    }
  }

  private static void backwardTogether(
      int from,
      int to,
      float scale,
      float[] p,
      int pOffset,
      int pStride,
      float[] dz,
      int dzOffset,
      int dzStride,
      float[] perRow,
      int perRowOffset) {
    int number = perRowOffset - from;
    for (int t = from; t < to; t++) {
      perRow[number + t] =
          VectorLanes.dot(t + 1, p, pOffset + t * pStride, dz, dzOffset + t * dzStride);
    }
    for (int t = from; t < to; t++) {
      int pRow = pOffset + t * pStride;
      int dzRow = dzOffset + t * dzStride;
      float dot = perRow[number + t];
      VectorSoftmax.backwardRow(t + 1, scale, dot, p, pRow, dz, dzRow, dz, dzRow);
    }
  }
}
