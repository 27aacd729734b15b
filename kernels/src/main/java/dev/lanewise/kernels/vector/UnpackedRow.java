package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Matrix;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * A row times a matrix as it lies, by rows: y += a(p) b(p) for p ascending. Rows of the matrix are
 * read from end to end, as memory is fastest, and y stays in L1.
 */
final class UnpackedRow {

  /** Rows of B that go into y together. */
  private static final int ROWS = 4;

  private UnpackedRow() {}

  /** As {@link dev.lanewise.kernels.Matmul#multiply}, of one row, with b of column stride 1. */
  static void multiply(
      int k,
      Matrix a,
      int aRow,
      Matrix b,
      int fromColumn,
      int toColumn,
      Matrix start,
      Matrix c,
      int cRow) {
    int n = toColumn - fromColumn;
    float[] y = c.data();
    int to = c.offset(cRow) + fromColumn;
    if (start == null) {
      Arrays.fill(y, to, to + n, 0f);
    } else if (start != c) {
      System.arraycopy(start.data(), start.offset(cRow) + fromColumn, y, to, n);
    }
    float[] x = a.data();
    int step = a.columnStride();
    int at = a.offset(aRow);
    int p = 0;
    for (; p <= k - ROWS; p += ROWS) {
      four(n, x, at + p * step, step, b.data(), b.offset(p) + fromColumn, b.rowStride(), y, to);
    }
    for (; p < k; p++) {
      one(n, x[at + p * step], b.data(), b.offset(p) + fromColumn, y, to);
    }
  }

  private static void four(
      int n,
      float[] a,
      int aOffset,
      int aStep,
      float[] b,
      int bOffset,
      int bRow,
      float[] y,
      int to) {
    float a0 = a[aOffset];
    float a1 = a[aOffset + aStep];
    float a2 = a[aOffset + 2 * aStep];
    float a3 = a[aOffset + 3 * aStep];
    FloatVector v0 = FloatVector.broadcast(FLOATS, a0);
    FloatVector v1 = FloatVector.broadcast(FLOATS, a1);
    FloatVector v2 = FloatVector.broadcast(FLOATS, a2);
    FloatVector v3 = FloatVector.broadcast(FLOATS, a3);
    int j = 0;
    for (; j <= n - L; j += L) {
      int from = bOffset + j;
      FloatVector sum = FloatVector.fromArray(FLOATS, y, to + j);
      sum = v0.fma(FloatVector.fromArray(FLOATS, b, from), sum);
      sum = v1.fma(FloatVector.fromArray(FLOATS, b, from + bRow), sum);
      sum = v2.fma(FloatVector.fromArray(FLOATS, b, from + 2 * bRow), sum);
      sum = v3.fma(FloatVector.fromArray(FLOATS, b, from + 3 * bRow), sum);
      sum.intoArray(y, to + j);
    }
    for (; j < n; j++) {
      int from = bOffset + j;
      float sum = Math.fma(a0, b[from], y[to + j]);
      sum = Math.fma(a1, b[from + bRow], sum);
      sum = Math.fma(a2, b[from + 2 * bRow], sum);
      y[to + j] = Math.fma(a3, b[from + 3 * bRow], sum);
    }
  }

  private static void one(int n, float a, float[] b, int bOffset, float[] y, int to) {
    FloatVector v = FloatVector.broadcast(FLOATS, a);
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector sum = FloatVector.fromArray(FLOATS, y, to + j);
      v.fma(FloatVector.fromArray(FLOATS, b, bOffset + j), sum).intoArray(y, to + j);
    }
    for (; j < n; j++) {
      y[to + j] = Math.fma(a, b[bOffset + j], y[to + j]);
    }
  }
}
