package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import jdk.incubator.vector.FloatVector;

/**
 * The register tiles of products with a lower triangular matrix A, in which a row's chain ends, or
 * a column's begins, at the diagonal. Like {@link MatmulTile4}, 4 rows of the result by one panel;
 * the four chains differ in length by the corner of a triangle at the diagonal, written out.
 */
final class CausalTile {

  private static final int COLUMNS = MatmulTile.COLUMNS;

  private CausalTile() {}

  /**
   * Four rows of start + A B, of which each takes one p more than the one before.
   *
   * @param count how many p the first row takes
   * @param a0 where that row's first element is; A's rows are {@code aStride} apart
   * @param b0 where the first row of the panel of B starts
   * @param start C, or null for zero
   */
  static void rows(
      int count,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int b0,
      float[] start,
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
      int s = cOffset;
      c00 = FloatVector.fromArray(FLOATS, start, s);
      c01 = FloatVector.fromArray(FLOATS, start, s + L);
      s += cStride;
      c10 = FloatVector.fromArray(FLOATS, start, s);
      c11 = FloatVector.fromArray(FLOATS, start, s + L);
      s += cStride;
      c20 = FloatVector.fromArray(FLOATS, start, s);
      c21 = FloatVector.fromArray(FLOATS, start, s + L);
      s += cStride;
      c30 = FloatVector.fromArray(FLOATS, start, s);
      c31 = FloatVector.fromArray(FLOATS, start, s + L);
    }
    int a1 = a0 + aStride;
    int a2 = a1 + aStride;
    int a3 = a2 + aStride;
    for (int p = 0; p < count; p++) {
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
    int corner = b0 + count * COLUMNS;
    for (int q = 1; q <= 3; q++) {
      FloatVector left = FloatVector.fromArray(FLOATS, b, corner);
      FloatVector right = FloatVector.fromArray(FLOATS, b, corner + L);
      if (q == 1) {
        FloatVector x1 = FloatVector.broadcast(FLOATS, a[a1 + count]);
        c10 = x1.fma(left, c10);
        c11 = x1.fma(right, c11);
      }
      if (q <= 2) {
        FloatVector x2 = FloatVector.broadcast(FLOATS, a[a2 + count - 1 + q]);
        c20 = x2.fma(left, c20);
        c21 = x2.fma(right, c21);
      }
      FloatVector x3 = FloatVector.broadcast(FLOATS, a[a3 + count - 1 + q]);
      c30 = x3.fma(left, c30);
      c31 = x3.fma(right, c31);
      corner += COLUMNS;
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

  /**
   * Rows s..s+3 of start + Aᵀ B, where row i takes p from i to the end.
   *
   * @param count rows of A from s to the end, at least 4
   * @param a0 where element (s, s) of A is; A's rows are {@code aStride} apart
   * @param b0 where row s of the panel of B starts
   * @param start C, or null for zero
   */
  static void columns(
      int count,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int b0,
      float[] start,
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
      int s = cOffset;
      c00 = FloatVector.fromArray(FLOATS, start, s);
      c01 = FloatVector.fromArray(FLOATS, start, s + L);
      s += cStride;
      c10 = FloatVector.fromArray(FLOATS, start, s);
      c11 = FloatVector.fromArray(FLOATS, start, s + L);
      s += cStride;
      c20 = FloatVector.fromArray(FLOATS, start, s);
      c21 = FloatVector.fromArray(FLOATS, start, s + L);
      s += cStride;
      c30 = FloatVector.fromArray(FLOATS, start, s);
      c31 = FloatVector.fromArray(FLOATS, start, s + L);
    }
    int at = a0;
    for (int q = 0; q < 3; q++) {
      FloatVector left = FloatVector.fromArray(FLOATS, b, b0 + q * COLUMNS);
      FloatVector right = FloatVector.fromArray(FLOATS, b, b0 + q * COLUMNS + L);
      FloatVector x0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = x0.fma(left, c00);
      c01 = x0.fma(right, c01);
      if (q >= 1) {
        FloatVector x1 = FloatVector.broadcast(FLOATS, a[at + 1]);
        c10 = x1.fma(left, c10);
        c11 = x1.fma(right, c11);
      }
      if (q == 2) {
        FloatVector x2 = FloatVector.broadcast(FLOATS, a[at + 2]);
        c20 = x2.fma(left, c20);
        c21 = x2.fma(right, c21);
      }
      at += aStride;
    }
    for (int p = 3; p < count; p++) {
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
