package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.INTS;
import static dev.lanewise.kernels.vector.Width.L;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * A panel of BF16, widened as it is used: of each int of two numbers the lower moves up by half an
 * int, and the upper is what a mask leaves, so two numbers are one load and two operations.
 */
final class Bfloat16Panel {

  private static final int UPPER = 0xffff0000;

  private Bfloat16Panel() {}

  /** Writes rows of a panel as a panel of floats. */
  static void widen(int fromRow, int rows, int[] b, int panel, float[] y, int yOffset) {
    int from = panel + fromRow * L;
    for (int p = 0; p < rows; p++) {
      IntVector v = IntVector.fromArray(INTS, b, from + p * L);
      int to = yOffset + p * MatmulTile.COLUMNS;
      v.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats().intoArray(y, to);
      v.and(UPPER).reinterpretAsFloats().intoArray(y, to + L);
    }
  }

  /** One row of C against two whole panels. A null start is zero. */
  static void two(
      int k,
      float[] a,
      int aOffset,
      int aStep,
      int[] b,
      int panel,
      int panelInts,
      float[] start,
      int startOffset,
      float[] c,
      int cOffset) {
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
    if (start != null) {
      c0 = FloatVector.fromArray(FLOATS, start, startOffset);
      c1 = FloatVector.fromArray(FLOATS, start, startOffset + L);
      c2 = FloatVector.fromArray(FLOATS, start, startOffset + 2 * L);
      c3 = FloatVector.fromArray(FLOATS, start, startOffset + 3 * L);
    }
    int second = panel + panelInts;
    int at = aOffset;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.broadcast(FLOATS, a[at]);
      IntVector v = IntVector.fromArray(INTS, b, panel + p * L);
      IntVector w = IntVector.fromArray(INTS, b, second + p * L);
      c0 = x.fma(v.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats(), c0);
      c1 = x.fma(v.and(UPPER).reinterpretAsFloats(), c1);
      c2 = x.fma(w.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats(), c2);
      c3 = x.fma(w.and(UPPER).reinterpretAsFloats(), c3);
      at += aStep;
    }
    c0.intoArray(c, cOffset);
    c1.intoArray(c, cOffset + L);
    c2.intoArray(c, cOffset + 2 * L);
    c3.intoArray(c, cOffset + 3 * L);
  }

  /**
   * Eight rows of A, read along the rows, against one whole panel, for 32 registers. A null start
   * is zero.
   */
  static void eight(
      int k,
      float[] a,
      int a0,
      int aStride,
      int[] b,
      int panel,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = c00;
    FloatVector c10 = c00;
    FloatVector c11 = c00;
    FloatVector c20 = c00;
    FloatVector c21 = c00;
    FloatVector c30 = c00;
    FloatVector c31 = c00;
    FloatVector c40 = c00;
    FloatVector c41 = c00;
    FloatVector c50 = c00;
    FloatVector c51 = c00;
    FloatVector c60 = c00;
    FloatVector c61 = c00;
    FloatVector c70 = c00;
    FloatVector c71 = c00;
    if (start != null) {
      int s = startOffset;
      c00 = FloatVector.fromArray(FLOATS, start, s);
      c01 = FloatVector.fromArray(FLOATS, start, s + L);
      s += startStride;
      c10 = FloatVector.fromArray(FLOATS, start, s);
      c11 = FloatVector.fromArray(FLOATS, start, s + L);
      s += startStride;
      c20 = FloatVector.fromArray(FLOATS, start, s);
      c21 = FloatVector.fromArray(FLOATS, start, s + L);
      s += startStride;
      c30 = FloatVector.fromArray(FLOATS, start, s);
      c31 = FloatVector.fromArray(FLOATS, start, s + L);
      s += startStride;
      c40 = FloatVector.fromArray(FLOATS, start, s);
      c41 = FloatVector.fromArray(FLOATS, start, s + L);
      s += startStride;
      c50 = FloatVector.fromArray(FLOATS, start, s);
      c51 = FloatVector.fromArray(FLOATS, start, s + L);
      s += startStride;
      c60 = FloatVector.fromArray(FLOATS, start, s);
      c61 = FloatVector.fromArray(FLOATS, start, s + L);
      s += startStride;
      c70 = FloatVector.fromArray(FLOATS, start, s);
      c71 = FloatVector.fromArray(FLOATS, start, s + L);
    }
    int a1 = a0 + aStride;
    int a2 = a1 + aStride;
    int a3 = a2 + aStride;
    int a4 = a3 + aStride;
    int a5 = a4 + aStride;
    int a6 = a5 + aStride;
    int a7 = a6 + aStride;
    for (int p = 0; p < k; p++) {
      IntVector v = IntVector.fromArray(INTS, b, panel + p * L);
      FloatVector left = v.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
      FloatVector right = v.and(UPPER).reinterpretAsFloats();
      FloatVector x0 = FloatVector.broadcast(FLOATS, a[a0 + p]);
      c00 = x0.fma(left, c00);
      c01 = x0.fma(right, c01);
      FloatVector x1 = FloatVector.broadcast(FLOATS, a[a1 + p]);
      c10 = x1.fma(left, c10);
      c11 = x1.fma(right, c11);
      FloatVector x2 = FloatVector.broadcast(FLOATS, a[a2 + p]);
      c20 = x2.fma(left, c20);
      c21 = x2.fma(right, c21);
      FloatVector x3 = FloatVector.broadcast(FLOATS, a[a3 + p]);
      c30 = x3.fma(left, c30);
      c31 = x3.fma(right, c31);
      FloatVector x4 = FloatVector.broadcast(FLOATS, a[a4 + p]);
      c40 = x4.fma(left, c40);
      c41 = x4.fma(right, c41);
      FloatVector x5 = FloatVector.broadcast(FLOATS, a[a5 + p]);
      c50 = x5.fma(left, c50);
      c51 = x5.fma(right, c51);
      FloatVector x6 = FloatVector.broadcast(FLOATS, a[a6 + p]);
      c60 = x6.fma(left, c60);
      c61 = x6.fma(right, c61);
      FloatVector x7 = FloatVector.broadcast(FLOATS, a[a7 + p]);
      c70 = x7.fma(left, c70);
      c71 = x7.fma(right, c71);
    }
    int o = cOffset;
    c00.intoArray(c, o);
    c01.intoArray(c, o + L);
    o += cStride;
    c10.intoArray(c, o);
    c11.intoArray(c, o + L);
    o += cStride;
    c20.intoArray(c, o);
    c21.intoArray(c, o + L);
    o += cStride;
    c30.intoArray(c, o);
    c31.intoArray(c, o + L);
    o += cStride;
    c40.intoArray(c, o);
    c41.intoArray(c, o + L);
    o += cStride;
    c50.intoArray(c, o);
    c51.intoArray(c, o + L);
    o += cStride;
    c60.intoArray(c, o);
    c61.intoArray(c, o + L);
    o += cStride;
    c70.intoArray(c, o);
    c71.intoArray(c, o + L);
  }

  /** One row of C against one panel, of which {@code columns} are real. A null start is zero. */
  static void one(
      int columns,
      int k,
      float[] a,
      int aOffset,
      int aStep,
      int[] b,
      int panel,
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
      IntVector v = IntVector.fromArray(INTS, b, panel + p * L);
      c0 = x.fma(v.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats(), c0);
      c1 = x.fma(v.and(UPPER).reinterpretAsFloats(), c1);
      at += aStep;
    }
    c0.intoArray(c, cOffset, leftMask);
    c1.intoArray(c, cOffset + L, rightMask);
  }
}
