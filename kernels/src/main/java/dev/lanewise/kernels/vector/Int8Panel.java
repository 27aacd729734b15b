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

  /**
   * Eight rows of A, read along the rows, against one whole panel, for 32 registers. A null start
   * is zero.
   *
   * @param k is even
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
    // One loop: in a loop for each group C2 would keep the accumulators twice, and half of them in
    // memory.
    for (int p = 0; p < k / 2; p++) {
      int group = p / (GROUP / 2);
      IntVector scales = IntVector.fromArray(INTS, b, panel + group * GROUP_INTS);
      FloatVector s0 = scales.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector s1 = scales.and(UPPER).reinterpretAsFloats();
      FloatVector z0 = s0.mul(ZERO);
      FloatVector z1 = s1.mul(ZERO);
      IntVector v = IntVector.fromArray(INTS, b, panel + (group + 1 + p) * L);
      int at = 2 * p;
      FloatVector left =
          v.lanewise(VectorOperators.LSHL, 8)
              .and(BYTE)
              .or(EXPONENT)
              .reinterpretAsFloats()
              .fma(s0, z0);
      FloatVector right = v.and(BYTE).or(EXPONENT).reinterpretAsFloats().fma(s1, z1);
      FloatVector x0 = FloatVector.broadcast(FLOATS, a[a0 + at]);
      c00 = x0.fma(left, c00);
      c01 = x0.fma(right, c01);
      FloatVector x1 = FloatVector.broadcast(FLOATS, a[a1 + at]);
      c10 = x1.fma(left, c10);
      c11 = x1.fma(right, c11);
      FloatVector x2 = FloatVector.broadcast(FLOATS, a[a2 + at]);
      c20 = x2.fma(left, c20);
      c21 = x2.fma(right, c21);
      FloatVector x3 = FloatVector.broadcast(FLOATS, a[a3 + at]);
      c30 = x3.fma(left, c30);
      c31 = x3.fma(right, c31);
      FloatVector x4 = FloatVector.broadcast(FLOATS, a[a4 + at]);
      c40 = x4.fma(left, c40);
      c41 = x4.fma(right, c41);
      FloatVector x5 = FloatVector.broadcast(FLOATS, a[a5 + at]);
      c50 = x5.fma(left, c50);
      c51 = x5.fma(right, c51);
      FloatVector x6 = FloatVector.broadcast(FLOATS, a[a6 + at]);
      c60 = x6.fma(left, c60);
      c61 = x6.fma(right, c61);
      FloatVector x7 = FloatVector.broadcast(FLOATS, a[a7 + at]);
      c70 = x7.fma(left, c70);
      c71 = x7.fma(right, c71);
      left =
          v.lanewise(VectorOperators.LSHR, 8)
              .and(BYTE)
              .or(EXPONENT)
              .reinterpretAsFloats()
              .fma(s0, z0);
      right =
          v.lanewise(VectorOperators.LSHR, 16)
              .and(BYTE)
              .or(EXPONENT)
              .reinterpretAsFloats()
              .fma(s1, z1);
      x0 = FloatVector.broadcast(FLOATS, a[a0 + at + 1]);
      c00 = x0.fma(left, c00);
      c01 = x0.fma(right, c01);
      x1 = FloatVector.broadcast(FLOATS, a[a1 + at + 1]);
      c10 = x1.fma(left, c10);
      c11 = x1.fma(right, c11);
      x2 = FloatVector.broadcast(FLOATS, a[a2 + at + 1]);
      c20 = x2.fma(left, c20);
      c21 = x2.fma(right, c21);
      x3 = FloatVector.broadcast(FLOATS, a[a3 + at + 1]);
      c30 = x3.fma(left, c30);
      c31 = x3.fma(right, c31);
      x4 = FloatVector.broadcast(FLOATS, a[a4 + at + 1]);
      c40 = x4.fma(left, c40);
      c41 = x4.fma(right, c41);
      x5 = FloatVector.broadcast(FLOATS, a[a5 + at + 1]);
      c50 = x5.fma(left, c50);
      c51 = x5.fma(right, c51);
      x6 = FloatVector.broadcast(FLOATS, a[a6 + at + 1]);
      c60 = x6.fma(left, c60);
      c61 = x6.fma(right, c61);
      x7 = FloatVector.broadcast(FLOATS, a[a7 + at + 1]);
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
