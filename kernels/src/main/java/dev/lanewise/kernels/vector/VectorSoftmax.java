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
      float max = max(n, scale, x, xOffset + r * xStride);
      exponentials(n, scale, max, x, xOffset + r * xStride, y, row);
      float sum = VectorLanes.sum(n, y, row);
      VectorElementwise.multiply(n, 1f / sum, y, row, y, row);
    }
  }

  /** The maximum of scale · x; the order of a maximum does not change its bits. */
  static float max(int n, float scale, float[] x, int offset) {
    FloatVector m0 = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    int i = 0;
    for (; i <= n - 2 * L; i += 2 * L) {
      m0 = m0.max(FloatVector.fromArray(FLOATS, x, offset + i).mul(scale));
      m1 = m1.max(FloatVector.fromArray(FLOATS, x, offset + i + L).mul(scale));
    }
    for (; i < n; i += L) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector z = FloatVector.fromArray(FLOATS, x, offset + i, mask).mul(scale);
      m0 = m0.lanewise(VectorOperators.MAX, z, mask);
    }
    return m0.max(m1).reduceLanes(VectorOperators.MAX);
  }

  /**
   * Writes exp(scale · x - max). The last vector is masked: scalar exponentials would take as long
   * as a short row. It is masked within the loop, because C2 does not inline the exponential twice,
   * nor in a loop that short rows do not enter.
   */
  static void exponentials(
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
