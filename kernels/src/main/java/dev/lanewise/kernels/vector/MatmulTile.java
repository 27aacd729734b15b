package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * What the register tiles of matmul have in common, and the slower general tiles for what they
 * leave over. A tile is some rows of C by one panel of two vectors: at least eight accumulators,
 * because that many hide the latency of an fma on two ports.
 *
 * <p>The fast tiles for many rows come as two or three methods, which differ in how A lies, so that
 * each has the array accesses that C2 does most for. It moves no check of bounds out of a loop
 * whose step it does not know, so down columns is the slowest; in strips ({@link StripPacking}) is
 * the fastest.
 */
final class MatmulTile {

  /** Columns of a panel. */
  static final int COLUMNS = 2 * L;

  /** Rows of {@link #partial}. */
  static final int PARTIAL_ROWS = 4;

  private MatmulTile() {}

  /**
   * Four rows of C against one vector's worth of a panel, of which {@code columns} are real: any
   * step through A.
   *
   * @param b0 where the vector of the panel's first row starts
   */
  static void partial(
      int columns,
      int k,
      float[] a,
      int a0,
      int aRow,
      int aStep,
      float[] b,
      int b0,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    VectorMask<Float> mask = FLOATS.indexInRange(0, columns);
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
    if (start != null) {
      c0 = FloatVector.fromArray(FLOATS, start, startOffset, mask);
      c1 = FloatVector.fromArray(FLOATS, start, startOffset + startStride, mask);
      c2 = FloatVector.fromArray(FLOATS, start, startOffset + 2 * startStride, mask);
      c3 = FloatVector.fromArray(FLOATS, start, startOffset + 3 * startStride, mask);
    }
    int at = a0;
    for (int p = 0; p < k; p++) {
      FloatVector v = FloatVector.fromArray(FLOATS, b, b0 + p * COLUMNS);
      c0 = v.fma(FloatVector.broadcast(FLOATS, a[at]), c0);
      c1 = v.fma(FloatVector.broadcast(FLOATS, a[at + aRow]), c1);
      c2 = v.fma(FloatVector.broadcast(FLOATS, a[at + 2 * aRow]), c2);
      c3 = v.fma(FloatVector.broadcast(FLOATS, a[at + 3 * aRow]), c3);
      at += aStep;
    }
    c0.intoArray(c, cOffset, mask);
    c1.intoArray(c, cOffset + cStride, mask);
    c2.intoArray(c, cOffset + 2 * cStride, mask);
    c3.intoArray(c, cOffset + 3 * cStride, mask);
  }

  /**
   * One row of C against one panel of which {@code columns} are real: any step through A, any
   * width.
   */
  static void edge(
      int columns,
      int k,
      float[] a,
      int aOffset,
      int aStep,
      float[] b,
      int b0,
      float[] start,
      int startOffset,
      float[] c,
      int cOffset) {
    VectorMask<Float> leftMask = FLOATS.indexInRange(0, columns);
    VectorMask<Float> rightMask = FLOATS.indexInRange(L, columns);
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = c0;
    if (start != null) {
      c0 = FloatVector.fromArray(FLOATS, start, startOffset, leftMask);
      c1 = FloatVector.fromArray(FLOATS, start, startOffset + L, rightMask);
    }
    int at = aOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.broadcast(FLOATS, a[at]);
      c0 = x.fma(FloatVector.fromArray(FLOATS, b, b0 + p * COLUMNS), c0);
      c1 = x.fma(FloatVector.fromArray(FLOATS, b, b0 + p * COLUMNS + L), c1);
      at += aStep;
    }
    c0.intoArray(c, cOffset, leftMask);
    c1.intoArray(c, cOffset + L, rightMask);
  }
}
