package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * Softmax of some rows of a lower triangular matrix, and its gradient. It takes all rows through
 * one operation after another instead of one row through all: a row is short, each operation waits
 * for the one before, and rows do not wait for each other.
 *
 * <p>Row t of a matrix begins at its offset + t times its stride, also when the rows before the
 * first are not there.
 */
final class CausalSoftmax {

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
    int number = perRowOffset - from;
    for (int t = from; t < to; t++) {
      int at = zOffset + t * zStride;
      pad(z[at], t + 1, padded(t, time), z, at);
    }
    for (int t = from; t < to; t++) {
      perRow[number + t] = VectorSoftmax.max(padded(t, time), scale, z, zOffset + t * zStride);
    }
    for (int t = from; t < to; t++) {
      int at = zOffset + t * zStride;
      VectorSoftmax.exponentials(padded(t, time), scale, perRow[number + t], z, at, z, at);
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
