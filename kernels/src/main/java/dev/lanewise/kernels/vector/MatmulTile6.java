package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.MatmulTile.COLUMNS;
import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;
import static dev.lanewise.kernels.vector.Width.MANY_REGISTERS;

import jdk.incubator.vector.FloatVector;

/**
 * Six rows by one panel. Twelve accumulators leave slack where eight only just cover the latency of
 * an fma. With the two vectors of the panel and two elements of A they take all 16 registers of
 * AVX2; see docs/perf/LOG.md for the figures, and for what makes C2 spill one.
 */
final class MatmulTile6 {

  static final int ROWS = 6;

  private MatmulTile6() {}

  /** Six rows of A, read along the rows. A null start is zero. */
  static void rows(
      int k,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int b0,
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
    }
    int a1 = a0 + aStride;
    int a2 = a1 + aStride;
    int a3 = a2 + aStride;
    int a4 = a3 + aStride;
    int a5 = a4 + aStride;
    for (int p = 0; p < k; p++) {
      FloatVector left = FloatVector.fromArray(FLOATS, b, b0 + p * COLUMNS);
      FloatVector right = FloatVector.fromArray(FLOATS, b, b0 + p * COLUMNS + L);
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
  }

  /**
   * Six rows of A in a strip ({@link StripPacking}): neighbours in each turn.
   *
   * @param one how far apart the neighbours are, 1. With 16 registers C2 must not see that, or it
   *     loads all six elements at once, and spills accumulators to make room. Callers are too large
   *     to be compiled together with this method, so here it is a variable
   */
  static void strip(
      int k,
      float[] a,
      int a0,
      int one,
      float[] b,
      int b0,
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
    }
    int a1 = MANY_REGISTERS ? 1 : one;
    int a2 = a1 + a1;
    int a3 = a2 + a1;
    int a4 = a3 + a1;
    int a5 = a4 + a1;
    for (int p = 0; p < k; p++) {
      int at = a0 + p * StripPacking.ROWS;
      FloatVector left = FloatVector.fromArray(FLOATS, b, b0 + p * COLUMNS);
      FloatVector right = FloatVector.fromArray(FLOATS, b, b0 + p * COLUMNS + L);
      FloatVector x0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = x0.fma(left, c00);
      c01 = x0.fma(right, c01);
      FloatVector x1 = FloatVector.broadcast(FLOATS, a[at + a1]);
      c10 = x1.fma(left, c10);
      c11 = x1.fma(right, c11);
      FloatVector x2 = FloatVector.broadcast(FLOATS, a[at + a2]);
      c20 = x2.fma(left, c20);
      c21 = x2.fma(right, c21);
      FloatVector x3 = FloatVector.broadcast(FLOATS, a[at + a3]);
      c30 = x3.fma(left, c30);
      c31 = x3.fma(right, c31);
      FloatVector x4 = FloatVector.broadcast(FLOATS, a[at + a4]);
      c40 = x4.fma(left, c40);
      c41 = x4.fma(right, c41);
      FloatVector x5 = FloatVector.broadcast(FLOATS, a[at + a5]);
      c50 = x5.fma(left, c50);
      c51 = x5.fma(right, c51);
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
  }

  /**
   * Six columns of A, read down the columns: neighbours in each turn.
   *
   * @param one how far apart the neighbours are, 1. With 16 registers C2 must not see that, or it
   *     loads all six elements at once, and spills accumulators to make room. Callers are too large
   *     to be compiled together with this method, so here it is a variable
   */
  static void columns(
      int k,
      float[] a,
      int a0,
      int one,
      int aStride,
      float[] b,
      int b0,
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
    }
    int a1 = MANY_REGISTERS ? 1 : one;
    int a2 = a1 + a1;
    int a3 = a2 + a1;
    int a4 = a3 + a1;
    int a5 = a4 + a1;
    int at = a0;
    for (int p = 0; p < k; p++) {
      FloatVector left = FloatVector.fromArray(FLOATS, b, b0 + p * COLUMNS);
      FloatVector right = FloatVector.fromArray(FLOATS, b, b0 + p * COLUMNS + L);
      FloatVector x0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = x0.fma(left, c00);
      c01 = x0.fma(right, c01);
      FloatVector x1 = FloatVector.broadcast(FLOATS, a[at + a1]);
      c10 = x1.fma(left, c10);
      c11 = x1.fma(right, c11);
      FloatVector x2 = FloatVector.broadcast(FLOATS, a[at + a2]);
      c20 = x2.fma(left, c20);
      c21 = x2.fma(right, c21);
      FloatVector x3 = FloatVector.broadcast(FLOATS, a[at + a3]);
      c30 = x3.fma(left, c30);
      c31 = x3.fma(right, c31);
      FloatVector x4 = FloatVector.broadcast(FLOATS, a[at + a4]);
      c40 = x4.fma(left, c40);
      c41 = x4.fma(right, c41);
      FloatVector x5 = FloatVector.broadcast(FLOATS, a[at + a5]);
      c50 = x5.fma(left, c50);
      c51 = x5.fma(right, c51);
      at += aStride;
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
  }
}
