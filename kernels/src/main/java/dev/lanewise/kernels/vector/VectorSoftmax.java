package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Softmax;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Softmax of rows: maximum, exponentials, lane sum and scaling as passes over a row in L1. */
final class VectorSoftmax implements Softmax {

  @Override
  public void forward(
      int rows,
      int n,
      float scale,
      float[] x,
      int xOffset,
      int xStride,
      float[] y,
      int yOffset,
      int yStride) {
    for (int r = 0; r < rows; r++) {
      int row = yOffset + r * yStride;
      long extremes = extremes(n, scale, x, xOffset + r * xStride);
      float max = max(extremes);
      exponentials(isNear(extremes), n, scale, max, x, xOffset + r * xStride, y, row);
      float sum = VectorLanes.sum(n, y, row);
      VectorElementwise.multiply(n, 1f / sum, y, row, y, row);
    }
  }

  /**
   * The maximum and the minimum of scale · x, two floats in a number; their order does not change
   * their bits.
   */
  static long extremes(int n, float scale, float[] x, int offset) {
    FloatVector max0 = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector max1 = max0;
    FloatVector min0 = FloatVector.broadcast(FLOATS, Float.POSITIVE_INFINITY);
    FloatVector min1 = min0;
    int i = 0;
    for (; i <= n - 2 * L; i += 2 * L) {
      FloatVector z0 = FloatVector.fromArray(FLOATS, x, offset + i).mul(scale);
      FloatVector z1 = FloatVector.fromArray(FLOATS, x, offset + i + L).mul(scale);
      max0 = max0.max(z0);
      min0 = min0.min(z0);
      max1 = max1.max(z1);
      min1 = min1.min(z1);
    }
    for (; i < n; i += L) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector z = FloatVector.fromArray(FLOATS, x, offset + i, mask).mul(scale);
      max0 = max0.lanewise(VectorOperators.MAX, z, mask);
      min0 = min0.lanewise(VectorOperators.MIN, z, mask);
    }
    float max = max0.max(max1).reduceLanes(VectorOperators.MAX);
    float min = min0.min(min1).reduceLanes(VectorOperators.MIN);
    return (long) Float.floatToRawIntBits(max) << Integer.SIZE
        | Integer.toUnsignedLong(Float.floatToRawIntBits(min));
  }

  /** The greater of the {@link #extremes}. */
  static float max(long extremes) {
    return Float.intBitsToFloat((int) (extremes >>> Integer.SIZE));
  }

  /** Whether all {@link #exponentials} of a row with these extremes are normal numbers. */
  static boolean isNear(long extremes) {
    float min = Float.intBitsToFloat((int) extremes);
    return min - max(extremes) >= -VectorMath.NEAR;
  }

  /**
   * Writes exp(scale · x - max).
   *
   * @param near whether no result can be subnormal, see {@link #isNear}: then it takes half as long
   */
  static void exponentials(
      boolean near, int n, float scale, float max, float[] x, int xOffset, float[] y, int yOffset) {
    if (near) {
      nearExponentials(n, scale, max, x, xOffset, y, yOffset);
    } else {
      farExponentials(n, scale, max, x, xOffset, y, yOffset);
    }
  }

  /**
   * The last vector is masked: scalar exponentials would take as long as a short row. It is masked
   * within the loop, because C2 does not inline the exponential twice, nor in a loop that short
   * rows do not enter.
   */
  private static void nearExponentials(
      int n, float scale, float max, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i += L) {
      boolean whole = i <= n - L;
      FloatVector v =
          whole
              ? FloatVector.fromArray(FLOATS, x, xOffset + i)
              : FloatVector.fromArray(FLOATS, x, xOffset + i, FLOATS.indexInRange(i, n));
      FloatVector e = VectorMath.expNearZero(v.mul(scale).sub(max));
      if (whole) {
        e.intoArray(y, yOffset + i);
      } else {
        e.intoArray(y, yOffset + i, FLOATS.indexInRange(i, n));
      }
    }
  }

  /** As {@link #nearExponentials}. */
  private static void farExponentials(
      int n, float scale, float max, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = 0; i < n; i += L) {
      boolean whole = i <= n - L;
      FloatVector v =
          whole
              ? FloatVector.fromArray(FLOATS, x, xOffset + i)
              : FloatVector.fromArray(FLOATS, x, xOffset + i, FLOATS.indexInRange(i, n));
      FloatVector e = VectorMath.exp(v.mul(scale).sub(max));
      if (whole) {
        e.intoArray(y, yOffset + i);
      } else {
        e.intoArray(y, yOffset + i, FLOATS.indexInRange(i, n));
      }
    }
  }

  @Override
  public void backward(
      int rows,
      int n,
      float scale,
      float[] y,
      int yOffset,
      int yStride,
      float[] dy,
      int dyOffset,
      int dyStride,
      float[] dx,
      int dxOffset,
      int dxStride) {
    for (int r = 0; r < rows; r++) {
      int yRow = yOffset + r * yStride;
      int dyRow = dyOffset + r * dyStride;
      float dot = VectorLanes.dot(n, y, yRow, dy, dyRow);
      backwardRow(n, scale, dot, y, yRow, dy, dyRow, dx, dxOffset + r * dxStride);
    }
  }

  /** dx = scale · y · (dy - dot), with dot the lane sum of y · dy. */
  static void backwardRow(
      int n,
      float scale,
      float dot,
      float[] y,
      int yOffset,
      float[] dy,
      int dyOffset,
      float[] dx,
      int dxOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector p = FloatVector.fromArray(FLOATS, y, yOffset + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyOffset + i).sub(dot);
      p.mul(d).mul(scale).intoArray(dx, dxOffset + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector p = FloatVector.fromArray(FLOATS, y, yOffset + i, mask);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyOffset + i, mask).sub(dot);
      p.mul(d).mul(scale).intoArray(dx, dxOffset + i, mask);
    }
  }
}
