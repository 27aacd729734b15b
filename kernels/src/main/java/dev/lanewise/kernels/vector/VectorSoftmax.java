package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.INTS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Softmax;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
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
      exponentials(extremes, n, scale, x, xOffset + r * xStride, y, row);
      float sum = VectorLanes.sum(n, y, row);
      VectorElementwise.multiply(n, 1f / sum, y, row, y, row);
    }
  }

  /**
   * The maximum of scale · x, in the high half, and its minimum; in which order elements are
   * compared changes no bits. Both are sought among ints in the order of the floats: on x86 a
   * maximum of ints is one instruction, that of floats six. A NaN is beyond the infinities there.
   */
  static long extremes(int n, float scale, float[] x, int offset) {
    int infinity = ordered(Float.POSITIVE_INFINITY);
    IntVector max0 = IntVector.broadcast(INTS, ~infinity);
    IntVector max1 = max0;
    IntVector min0 = IntVector.broadcast(INTS, infinity);
    IntVector min1 = min0;
    int i = 0;
    for (; i <= n - 2 * L; i += 2 * L) {
      IntVector z0 = ordered(FloatVector.fromArray(FLOATS, x, offset + i).mul(scale));
      IntVector z1 = ordered(FloatVector.fromArray(FLOATS, x, offset + i + L).mul(scale));
      max0 = z0.max(max0);
      min0 = z0.min(min0);
      max1 = z1.max(max1);
      min1 = z1.min(min1);
    }
    for (; i < n; i += L) {
      // What is seen twice does no harm, nor does the first element in the place of others.
      VectorMask<Float> mask = FLOATS.indexInRange(0, n);
      FloatVector last =
          n >= L
              ? FloatVector.fromArray(FLOATS, x, offset + Math.min(i, n - L))
              : FloatVector.fromArray(FLOATS, x, offset, mask).blend(x[offset], mask.not());
      IntVector z = ordered(last.mul(scale));
      max0 = z.max(max0);
      min0 = z.min(min0);
    }
    int max = max0.max(max1).reduceLanes(VectorOperators.MAX);
    int min = min0.min(min1).reduceLanes(VectorOperators.MIN);
    boolean hasNaN = max > infinity || min < ~infinity;
    int greatest = hasNaN ? Float.floatToRawIntBits(Float.NaN) : bits(max);
    return (long) greatest << Integer.SIZE | Integer.toUnsignedLong(bits(min));
  }

  /** An int in the order of the floats: of those below zero all bits but the sign are turned. */
  private static IntVector ordered(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    return bits.lanewise(VectorOperators.ASHR, 31)
        .and(Integer.MAX_VALUE)
        .lanewise(VectorOperators.XOR, bits);
  }

  private static int ordered(float x) {
    return bits(Float.floatToRawIntBits(x));
  }

  /** The float's bits for an int in the order of the floats, and the other way round. */
  private static int bits(int ordered) {
    return ordered ^ ((ordered >> 31) & Integer.MAX_VALUE);
  }

  /** The maximum of the {@link #extremes}; NaN if an element is. */
  static float max(long extremes) {
    return Float.intBitsToFloat((int) (extremes >>> Integer.SIZE));
  }

  /** True only if all exponentials of a row with these extremes are normal numbers. */
  static boolean isNear(long extremes) {
    float min = Float.intBitsToFloat((int) extremes);
    return min - max(extremes) >= -VectorMath.NEAR;
  }

  /** Writes exp(scale · x - max), for a row with these {@link #extremes}. */
  static void exponentials(
      long extremes, int n, float scale, float[] x, int xOffset, float[] y, int yOffset) {
    exponentials(isNear(extremes), n, scale, max(extremes), x, xOffset, y, yOffset);
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
