package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.MatmulTile.COLUMNS;
import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import jdk.incubator.vector.FloatVector;

/**
 * Four rows by one panel, for the rows that the taller tiles leave. C2 likes to load the whole
 * turn's operands before it multiplies; even so this tile's 8 accumulators, 4 elements and 2
 * vectors fit 16 registers.
 */
final class MatmulTile4 {

  static final int ROWS = 4;

  private MatmulTile4() {}

  /** Four rows of A, read along the rows. A null start is zero. */
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
    }
    int a1 = a0 + aStride;
    int a2 = a1 + aStride;
    int a3 = a2 + aStride;
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
  }

  /** Four columns of A, read down the columns: neighbours in each turn. */
  static void columns(
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
    }
    int at = a0;
    for (int p = 0; p < k; p++) {
      FloatVector left = FloatVector.fromArray(FLOATS, b, b0 + p * COLUMNS);
      FloatVector right = FloatVector.fromArray(FLOATS, b, b0 + p * COLUMNS + L);
      FloatVector x0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = x0.fma(left, c00);
      c01 = x0.fma(right, c01);
      FloatVector x1 = FloatVector.broadcast(FLOATS, a[at + 1]);
      c10 = x1.fma(left, c10);
      c11 = x1.fma(right, c11);
      FloatVector x2 = FloatVector.broadcast(FLOATS, a[at + 2]);
      c20 = x2.fma(left, c20);
      c21 = x2.fma(right, c21);
      FloatVector x3 = FloatVector.broadcast(FLOATS, a[at + 3]);
      c30 = x3.fma(left, c30);
      c31 = x3.fma(right, c31);
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
  }
}
