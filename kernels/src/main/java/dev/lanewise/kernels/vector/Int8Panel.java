package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.IntPacking.GROUP_INTS;
import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.INTS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Precision;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * A panel of INT8, widened as it is used. An int holds two numbers of two rows, each plus 128. A
 * byte goes to the middle of a float's fraction under an exponent that makes it 2^15 + byte, and
 * one fma takes from that times the scale (2^15 + 128) times the scale: number times scale, and
 * both are exact, because a scale has 8 bits. Converting ints to floats is no faster, and its
 * method is so large that C2 leaves vectors on the heap.
 */
final class Int8Panel {

  private static final int UPPER = 0xffff0000;
  private static final int BYTE = 0xff00;
  private static final int EXPONENT = 0x47000000;
  private static final float ZERO = -(0x1p15f + IntPacking.BIAS);
  private static final int GROUP = Precision.GROUP;

  private Int8Panel() {}

  /** Writes rows of a panel as a panel of floats; the first row begins a group. */
  static void widen(int fromRow, int rows, int[] b, int panel, float[] y, int yOffset) {
    int group = panel + fromRow / GROUP * GROUP_INTS;
    for (int p = 0; p < rows; p += GROUP) {
      IntVector scales = IntVector.fromArray(INTS, b, group);
      FloatVector left = scales.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector right = scales.and(UPPER).reinterpretAsFloats();
      FloatVector leftZero = left.mul(ZERO);
      FloatVector rightZero = right.mul(ZERO);
      // The rows of the last pair and group that there are not are written too: there is room.
      int pairs = Math.min(GROUP, rows - p + 1) / 2;
      for (int i = 0; i < pairs; i++) {
        IntVector v = IntVector.fromArray(INTS, b, group + L + i * L);
        int to = yOffset + (p + 2 * i) * MatmulTile.COLUMNS;
        v.lanewise(VectorOperators.LSHL, 8)
            .and(BYTE)
            .or(EXPONENT)
            .reinterpretAsFloats()
            .fma(left, leftZero)
            .intoArray(y, to);
        v.and(BYTE).or(EXPONENT).reinterpretAsFloats().fma(right, rightZero).intoArray(y, to + L);
        v.lanewise(VectorOperators.LSHR, 8)
            .and(BYTE)
            .or(EXPONENT)
            .reinterpretAsFloats()
            .fma(left, leftZero)
            .intoArray(y, to + 2 * L);
        v.lanewise(VectorOperators.LSHR, 16)
            .and(BYTE)
            .or(EXPONENT)
            .reinterpretAsFloats()
            .fma(right, rightZero)
            .intoArray(y, to + 3 * L);
      }
      group += GROUP_INTS;
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
    int first = panel;
    int second = panel + panelInts;
    int at = aOffset;
    for (int p = 0; p < k; p += GROUP) {
      IntVector scales = IntVector.fromArray(INTS, b, first);
      FloatVector s0 = scales.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector s1 = scales.and(UPPER).reinterpretAsFloats();
      scales = IntVector.fromArray(INTS, b, second);
      FloatVector s2 = scales.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector s3 = scales.and(UPPER).reinterpretAsFloats();
      FloatVector z0 = s0.mul(ZERO);
      FloatVector z1 = s1.mul(ZERO);
      FloatVector z2 = s2.mul(ZERO);
      FloatVector z3 = s3.mul(ZERO);
      first += L;
      second += L;
      int rows = Math.min(GROUP, k - p);
      for (int i = 0; i < rows / 2; i++) {
        IntVector v = IntVector.fromArray(INTS, b, first + i * L);
        IntVector w = IntVector.fromArray(INTS, b, second + i * L);
        FloatVector x = FloatVector.broadcast(FLOATS, a[at]);
        c0 =
            x.fma(
                v.lanewise(VectorOperators.LSHL, 8)
                    .and(BYTE)
                    .or(EXPONENT)
                    .reinterpretAsFloats()
                    .fma(s0, z0),
                c0);
        c1 = x.fma(v.and(BYTE).or(EXPONENT).reinterpretAsFloats().fma(s1, z1), c1);
        c2 =
            x.fma(
                w.lanewise(VectorOperators.LSHL, 8)
                    .and(BYTE)
                    .or(EXPONENT)
                    .reinterpretAsFloats()
                    .fma(s2, z2),
                c2);
        c3 = x.fma(w.and(BYTE).or(EXPONENT).reinterpretAsFloats().fma(s3, z3), c3);
        x = FloatVector.broadcast(FLOATS, a[at + aStep]);
        c0 =
            x.fma(
                v.lanewise(VectorOperators.LSHR, 8)
                    .and(BYTE)
                    .or(EXPONENT)
                    .reinterpretAsFloats()
                    .fma(s0, z0),
                c0);
        c1 =
            x.fma(
                v.lanewise(VectorOperators.LSHR, 16)
                    .and(BYTE)
                    .or(EXPONENT)
                    .reinterpretAsFloats()
                    .fma(s1, z1),
                c1);
        c2 =
            x.fma(
                w.lanewise(VectorOperators.LSHR, 8)
                    .and(BYTE)
                    .or(EXPONENT)
                    .reinterpretAsFloats()
                    .fma(s2, z2),
                c2);
        c3 =
            x.fma(
                w.lanewise(VectorOperators.LSHR, 16)
                    .and(BYTE)
                    .or(EXPONENT)
                    .reinterpretAsFloats()
                    .fma(s3, z3),
                c3);
        at += 2 * aStep;
      }
      if (rows % 2 == 1) {
        IntVector v = IntVector.fromArray(INTS, b, first + rows / 2 * L);
        IntVector w = IntVector.fromArray(INTS, b, second + rows / 2 * L);
        FloatVector x = FloatVector.broadcast(FLOATS, a[at]);
        c0 =
            x.fma(
                v.lanewise(VectorOperators.LSHL, 8)
                    .and(BYTE)
                    .or(EXPONENT)
                    .reinterpretAsFloats()
                    .fma(s0, z0),
                c0);
        c1 = x.fma(v.and(BYTE).or(EXPONENT).reinterpretAsFloats().fma(s1, z1), c1);
        c2 =
            x.fma(
                w.lanewise(VectorOperators.LSHL, 8)
                    .and(BYTE)
                    .or(EXPONENT)
                    .reinterpretAsFloats()
                    .fma(s2, z2),
                c2);
        c3 = x.fma(w.and(BYTE).or(EXPONENT).reinterpretAsFloats().fma(s3, z3), c3);
      }
      first += GROUP_INTS - L;
      second += GROUP_INTS - L;
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
    int group = panel;
    int at = aOffset;
    for (int p = 0; p < k; p += GROUP) {
      IntVector scales = IntVector.fromArray(INTS, b, group);
      FloatVector s0 = scales.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector s1 = scales.and(UPPER).reinterpretAsFloats();
      FloatVector z0 = s0.mul(ZERO);
      FloatVector z1 = s1.mul(ZERO);
      group += L;
      int rows = Math.min(GROUP, k - p);
      for (int i = 0; i < rows; i++) {
        // The numbers of an odd row are in the upper half of the int.
        IntVector v =
            IntVector.fromArray(INTS, b, group + i / 2 * L)
                .lanewise(VectorOperators.LSHR, Short.SIZE * (i % 2));
        FloatVector x = FloatVector.broadcast(FLOATS, a[at]);
        c0 =
            x.fma(
                v.lanewise(VectorOperators.LSHL, 8)
                    .and(BYTE)
                    .or(EXPONENT)
                    .reinterpretAsFloats()
                    .fma(s0, z0),
                c0);
        c1 = x.fma(v.and(BYTE).or(EXPONENT).reinterpretAsFloats().fma(s1, z1), c1);
        at += aStep;
      }
      group += GROUP_INTS - L;
    }
    c0.intoArray(c, cOffset, leftMask);
    c1.intoArray(c, cOffset + L, rightMask);
  }
}
