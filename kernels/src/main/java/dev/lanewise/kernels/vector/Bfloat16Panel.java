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
