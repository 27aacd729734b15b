package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import jdk.incubator.vector.FloatVector;

/**
 * Six rows by two panels, for 32 registers: 24 accumulators, the four vectors of the panels' rows,
 * and A. An element of A that is read serves four fmas, not two as in {@link MatmulTile6}; see
 * docs/perf/LOG.md.
 */
final class MatmulTile6Wide {

  static final int ROWS = MatmulTile6.ROWS;

  /** Columns of two panels. */
  static final int COLUMNS = 2 * MatmulTile.COLUMNS;

  private MatmulTile6Wide() {}

  /** Six rows of A, read along the rows. A null start is zero. */
  static void rows(
      int k,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int b0,
      int b1,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = c00;
    FloatVector c02 = c00;
    FloatVector c03 = c00;
    FloatVector c10 = c00;
    FloatVector c11 = c00;
    FloatVector c12 = c00;
    FloatVector c13 = c00;
    FloatVector c20 = c00;
    FloatVector c21 = c00;
    FloatVector c22 = c00;
    FloatVector c23 = c00;
    FloatVector c30 = c00;
    FloatVector c31 = c00;
    FloatVector c32 = c00;
    FloatVector c33 = c00;
    FloatVector c40 = c00;
    FloatVector c41 = c00;
    FloatVector c42 = c00;
    FloatVector c43 = c00;
    FloatVector c50 = c00;
    FloatVector c51 = c00;
    FloatVector c52 = c00;
    FloatVector c53 = c00;
    if (start != null) {
      int s = startOffset;
      c00 = FloatVector.fromArray(FLOATS, start, s);
      c01 = FloatVector.fromArray(FLOATS, start, s + L);
      c02 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c03 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c10 = FloatVector.fromArray(FLOATS, start, s);
      c11 = FloatVector.fromArray(FLOATS, start, s + L);
      c12 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c13 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c20 = FloatVector.fromArray(FLOATS, start, s);
      c21 = FloatVector.fromArray(FLOATS, start, s + L);
      c22 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c23 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c30 = FloatVector.fromArray(FLOATS, start, s);
      c31 = FloatVector.fromArray(FLOATS, start, s + L);
      c32 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c33 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c40 = FloatVector.fromArray(FLOATS, start, s);
      c41 = FloatVector.fromArray(FLOATS, start, s + L);
      c42 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c43 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c50 = FloatVector.fromArray(FLOATS, start, s);
      c51 = FloatVector.fromArray(FLOATS, start, s + L);
      c52 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c53 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
    }
    int a1 = a0 + aStride;
    int a2 = a1 + aStride;
    int a3 = a2 + aStride;
    int a4 = a3 + aStride;
    int a5 = a4 + aStride;
    for (int p = 0; p < k; p++) {
      FloatVector y0 = FloatVector.fromArray(FLOATS, b, b0 + p * MatmulTile.COLUMNS);
      FloatVector y1 = FloatVector.fromArray(FLOATS, b, b0 + p * MatmulTile.COLUMNS + L);
      FloatVector y2 = FloatVector.fromArray(FLOATS, b, b1 + p * MatmulTile.COLUMNS);
      FloatVector y3 = FloatVector.fromArray(FLOATS, b, b1 + p * MatmulTile.COLUMNS + L);
      FloatVector x0 = FloatVector.broadcast(FLOATS, a[a0 + p]);
      c00 = x0.fma(y0, c00);
      c01 = x0.fma(y1, c01);
      c02 = x0.fma(y2, c02);
      c03 = x0.fma(y3, c03);
      FloatVector x1 = FloatVector.broadcast(FLOATS, a[a1 + p]);
      c10 = x1.fma(y0, c10);
      c11 = x1.fma(y1, c11);
      c12 = x1.fma(y2, c12);
      c13 = x1.fma(y3, c13);
      FloatVector x2 = FloatVector.broadcast(FLOATS, a[a2 + p]);
      c20 = x2.fma(y0, c20);
      c21 = x2.fma(y1, c21);
      c22 = x2.fma(y2, c22);
      c23 = x2.fma(y3, c23);
      FloatVector x3 = FloatVector.broadcast(FLOATS, a[a3 + p]);
      c30 = x3.fma(y0, c30);
      c31 = x3.fma(y1, c31);
      c32 = x3.fma(y2, c32);
      c33 = x3.fma(y3, c33);
      FloatVector x4 = FloatVector.broadcast(FLOATS, a[a4 + p]);
      c40 = x4.fma(y0, c40);
      c41 = x4.fma(y1, c41);
      c42 = x4.fma(y2, c42);
      c43 = x4.fma(y3, c43);
      FloatVector x5 = FloatVector.broadcast(FLOATS, a[a5 + p]);
      c50 = x5.fma(y0, c50);
      c51 = x5.fma(y1, c51);
      c52 = x5.fma(y2, c52);
      c53 = x5.fma(y3, c53);
    }
    int o = cOffset;
    c00.intoArray(c, o);
    c01.intoArray(c, o + L);
    c02.intoArray(c, o + 2 * L);
    c03.intoArray(c, o + 3 * L);
    o += cStride;
    c10.intoArray(c, o);
    c11.intoArray(c, o + L);
    c12.intoArray(c, o + 2 * L);
    c13.intoArray(c, o + 3 * L);
    o += cStride;
    c20.intoArray(c, o);
    c21.intoArray(c, o + L);
    c22.intoArray(c, o + 2 * L);
    c23.intoArray(c, o + 3 * L);
    o += cStride;
    c30.intoArray(c, o);
    c31.intoArray(c, o + L);
    c32.intoArray(c, o + 2 * L);
    c33.intoArray(c, o + 3 * L);
    o += cStride;
    c40.intoArray(c, o);
    c41.intoArray(c, o + L);
    c42.intoArray(c, o + 2 * L);
    c43.intoArray(c, o + 3 * L);
    o += cStride;
    c50.intoArray(c, o);
    c51.intoArray(c, o + L);
    c52.intoArray(c, o + 2 * L);
    c53.intoArray(c, o + 3 * L);
  }

  /** Six rows of A in a strip ({@link StripPacking}): neighbours in each turn. */
  static void strip(
      int k,
      float[] a,
      int a0,
      float[] b,
      int b0,
      int b1,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = c00;
    FloatVector c02 = c00;
    FloatVector c03 = c00;
    FloatVector c10 = c00;
    FloatVector c11 = c00;
    FloatVector c12 = c00;
    FloatVector c13 = c00;
    FloatVector c20 = c00;
    FloatVector c21 = c00;
    FloatVector c22 = c00;
    FloatVector c23 = c00;
    FloatVector c30 = c00;
    FloatVector c31 = c00;
    FloatVector c32 = c00;
    FloatVector c33 = c00;
    FloatVector c40 = c00;
    FloatVector c41 = c00;
    FloatVector c42 = c00;
    FloatVector c43 = c00;
    FloatVector c50 = c00;
    FloatVector c51 = c00;
    FloatVector c52 = c00;
    FloatVector c53 = c00;
    if (start != null) {
      int s = startOffset;
      c00 = FloatVector.fromArray(FLOATS, start, s);
      c01 = FloatVector.fromArray(FLOATS, start, s + L);
      c02 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c03 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c10 = FloatVector.fromArray(FLOATS, start, s);
      c11 = FloatVector.fromArray(FLOATS, start, s + L);
      c12 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c13 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c20 = FloatVector.fromArray(FLOATS, start, s);
      c21 = FloatVector.fromArray(FLOATS, start, s + L);
      c22 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c23 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c30 = FloatVector.fromArray(FLOATS, start, s);
      c31 = FloatVector.fromArray(FLOATS, start, s + L);
      c32 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c33 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c40 = FloatVector.fromArray(FLOATS, start, s);
      c41 = FloatVector.fromArray(FLOATS, start, s + L);
      c42 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c43 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c50 = FloatVector.fromArray(FLOATS, start, s);
      c51 = FloatVector.fromArray(FLOATS, start, s + L);
      c52 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c53 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
    }
    for (int p = 0; p < k; p++) {
      int at = a0 + p * StripPacking.ROWS;
      FloatVector y0 = FloatVector.fromArray(FLOATS, b, b0 + p * MatmulTile.COLUMNS);
      FloatVector y1 = FloatVector.fromArray(FLOATS, b, b0 + p * MatmulTile.COLUMNS + L);
      FloatVector y2 = FloatVector.fromArray(FLOATS, b, b1 + p * MatmulTile.COLUMNS);
      FloatVector y3 = FloatVector.fromArray(FLOATS, b, b1 + p * MatmulTile.COLUMNS + L);
      FloatVector x0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = x0.fma(y0, c00);
      c01 = x0.fma(y1, c01);
      c02 = x0.fma(y2, c02);
      c03 = x0.fma(y3, c03);
      FloatVector x1 = FloatVector.broadcast(FLOATS, a[at + 1]);
      c10 = x1.fma(y0, c10);
      c11 = x1.fma(y1, c11);
      c12 = x1.fma(y2, c12);
      c13 = x1.fma(y3, c13);
      FloatVector x2 = FloatVector.broadcast(FLOATS, a[at + 2]);
      c20 = x2.fma(y0, c20);
      c21 = x2.fma(y1, c21);
      c22 = x2.fma(y2, c22);
      c23 = x2.fma(y3, c23);
      FloatVector x3 = FloatVector.broadcast(FLOATS, a[at + 3]);
      c30 = x3.fma(y0, c30);
      c31 = x3.fma(y1, c31);
      c32 = x3.fma(y2, c32);
      c33 = x3.fma(y3, c33);
      FloatVector x4 = FloatVector.broadcast(FLOATS, a[at + 4]);
      c40 = x4.fma(y0, c40);
      c41 = x4.fma(y1, c41);
      c42 = x4.fma(y2, c42);
      c43 = x4.fma(y3, c43);
      FloatVector x5 = FloatVector.broadcast(FLOATS, a[at + 5]);
      c50 = x5.fma(y0, c50);
      c51 = x5.fma(y1, c51);
      c52 = x5.fma(y2, c52);
      c53 = x5.fma(y3, c53);
    }
    int o = cOffset;
    c00.intoArray(c, o);
    c01.intoArray(c, o + L);
    c02.intoArray(c, o + 2 * L);
    c03.intoArray(c, o + 3 * L);
    o += cStride;
    c10.intoArray(c, o);
    c11.intoArray(c, o + L);
    c12.intoArray(c, o + 2 * L);
    c13.intoArray(c, o + 3 * L);
    o += cStride;
    c20.intoArray(c, o);
    c21.intoArray(c, o + L);
    c22.intoArray(c, o + 2 * L);
    c23.intoArray(c, o + 3 * L);
    o += cStride;
    c30.intoArray(c, o);
    c31.intoArray(c, o + L);
    c32.intoArray(c, o + 2 * L);
    c33.intoArray(c, o + 3 * L);
    o += cStride;
    c40.intoArray(c, o);
    c41.intoArray(c, o + L);
    c42.intoArray(c, o + 2 * L);
    c43.intoArray(c, o + 3 * L);
    o += cStride;
    c50.intoArray(c, o);
    c51.intoArray(c, o + L);
    c52.intoArray(c, o + 2 * L);
    c53.intoArray(c, o + 3 * L);
  }

  /** Six columns of A, read down the columns: neighbours in each turn. */
  static void columns(
      int k,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int b0,
      int b1,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = c00;
    FloatVector c02 = c00;
    FloatVector c03 = c00;
    FloatVector c10 = c00;
    FloatVector c11 = c00;
    FloatVector c12 = c00;
    FloatVector c13 = c00;
    FloatVector c20 = c00;
    FloatVector c21 = c00;
    FloatVector c22 = c00;
    FloatVector c23 = c00;
    FloatVector c30 = c00;
    FloatVector c31 = c00;
    FloatVector c32 = c00;
    FloatVector c33 = c00;
    FloatVector c40 = c00;
    FloatVector c41 = c00;
    FloatVector c42 = c00;
    FloatVector c43 = c00;
    FloatVector c50 = c00;
    FloatVector c51 = c00;
    FloatVector c52 = c00;
    FloatVector c53 = c00;
    if (start != null) {
      int s = startOffset;
      c00 = FloatVector.fromArray(FLOATS, start, s);
      c01 = FloatVector.fromArray(FLOATS, start, s + L);
      c02 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c03 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c10 = FloatVector.fromArray(FLOATS, start, s);
      c11 = FloatVector.fromArray(FLOATS, start, s + L);
      c12 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c13 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c20 = FloatVector.fromArray(FLOATS, start, s);
      c21 = FloatVector.fromArray(FLOATS, start, s + L);
      c22 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c23 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c30 = FloatVector.fromArray(FLOATS, start, s);
      c31 = FloatVector.fromArray(FLOATS, start, s + L);
      c32 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c33 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c40 = FloatVector.fromArray(FLOATS, start, s);
      c41 = FloatVector.fromArray(FLOATS, start, s + L);
      c42 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c43 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
      s += startStride;
      c50 = FloatVector.fromArray(FLOATS, start, s);
      c51 = FloatVector.fromArray(FLOATS, start, s + L);
      c52 = FloatVector.fromArray(FLOATS, start, s + 2 * L);
      c53 = FloatVector.fromArray(FLOATS, start, s + 3 * L);
    }
    int at = a0;
    for (int p = 0; p < k; p++) {
      FloatVector y0 = FloatVector.fromArray(FLOATS, b, b0 + p * MatmulTile.COLUMNS);
      FloatVector y1 = FloatVector.fromArray(FLOATS, b, b0 + p * MatmulTile.COLUMNS + L);
      FloatVector y2 = FloatVector.fromArray(FLOATS, b, b1 + p * MatmulTile.COLUMNS);
      FloatVector y3 = FloatVector.fromArray(FLOATS, b, b1 + p * MatmulTile.COLUMNS + L);
      FloatVector x0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = x0.fma(y0, c00);
      c01 = x0.fma(y1, c01);
      c02 = x0.fma(y2, c02);
      c03 = x0.fma(y3, c03);
      FloatVector x1 = FloatVector.broadcast(FLOATS, a[at + 1]);
      c10 = x1.fma(y0, c10);
      c11 = x1.fma(y1, c11);
      c12 = x1.fma(y2, c12);
      c13 = x1.fma(y3, c13);
      FloatVector x2 = FloatVector.broadcast(FLOATS, a[at + 2]);
      c20 = x2.fma(y0, c20);
      c21 = x2.fma(y1, c21);
      c22 = x2.fma(y2, c22);
      c23 = x2.fma(y3, c23);
      FloatVector x3 = FloatVector.broadcast(FLOATS, a[at + 3]);
      c30 = x3.fma(y0, c30);
      c31 = x3.fma(y1, c31);
      c32 = x3.fma(y2, c32);
      c33 = x3.fma(y3, c33);
      FloatVector x4 = FloatVector.broadcast(FLOATS, a[at + 4]);
      c40 = x4.fma(y0, c40);
      c41 = x4.fma(y1, c41);
      c42 = x4.fma(y2, c42);
      c43 = x4.fma(y3, c43);
      FloatVector x5 = FloatVector.broadcast(FLOATS, a[at + 5]);
      c50 = x5.fma(y0, c50);
      c51 = x5.fma(y1, c51);
      c52 = x5.fma(y2, c52);
      c53 = x5.fma(y3, c53);
      at += aStride;
    }
    int o = cOffset;
    c00.intoArray(c, o);
    c01.intoArray(c, o + L);
    c02.intoArray(c, o + 2 * L);
    c03.intoArray(c, o + 3 * L);
    o += cStride;
    c10.intoArray(c, o);
    c11.intoArray(c, o + L);
    c12.intoArray(c, o + 2 * L);
    c13.intoArray(c, o + 3 * L);
    o += cStride;
    c20.intoArray(c, o);
    c21.intoArray(c, o + L);
    c22.intoArray(c, o + 2 * L);
    c23.intoArray(c, o + 3 * L);
    o += cStride;
    c30.intoArray(c, o);
    c31.intoArray(c, o + L);
    c32.intoArray(c, o + 2 * L);
    c33.intoArray(c, o + 3 * L);
    o += cStride;
    c40.intoArray(c, o);
    c41.intoArray(c, o + L);
    c42.intoArray(c, o + 2 * L);
    c43.intoArray(c, o + 3 * L);
    o += cStride;
    c50.intoArray(c, o);
    c51.intoArray(c, o + L);
    c52.intoArray(c, o + 2 * L);
    c53.intoArray(c, o + 3 * L);
  }
}
