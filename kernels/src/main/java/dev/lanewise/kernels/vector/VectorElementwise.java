package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Elementwise;
import dev.lanewise.kernels.Matrix;
import jdk.incubator.vector.FloatVector;

/** Elementwise operations, a vector at a time. */
final class VectorElementwise implements Elementwise {

  @Override
  public void add(int row, int rows, Matrix a, Matrix b, Matrix y) {
    int n = y.columns();
    int step = isFlat(a, n) && isFlat(b, n) && isFlat(y, n) ? rows : 1;
    for (int r = row; r < row + rows; r += step) {
      sum(step * n, a.data(), a.offset(r), b.data(), b.offset(r), y.data(), y.offset(r));
    }
  }

  /** Whether rows of n floats lie one after another, so that some of them are like one. */
  static boolean isFlat(Matrix x, int n) {
    return x.rowStride() == n;
  }

  @Override
  public void accumulate(int rows, Matrix x, int xRow, Matrix y, int yRow) {
    int n = y.columns();
    int step = isFlat(x, n) && isFlat(y, n) ? rows : 1;
    for (int i = 0; i < rows; i += step) {
      int to = y.offset(yRow + i);
      sum(step * n, y.data(), to, x.data(), x.offset(xRow + i), y.data(), to);
    }
  }

  static void sum(int n, float[] a, int aOffset, float[] b, int bOffset, float[] y, int yOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(FLOATS, a, aOffset + i);
      v.add(FloatVector.fromArray(FLOATS, b, bOffset + i)).intoArray(y, yOffset + i);
    }
    for (; i < n; i++) {
      y[yOffset + i] = a[aOffset + i] + b[bOffset + i];
    }
  }

  static void multiply(int n, float factor, float[] x, int xOffset, float[] y, int yOffset) {
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(FLOATS, x, xOffset + i).mul(factor).intoArray(y, yOffset + i);
    }
    for (; i < n; i++) {
      y[yOffset + i] = x[xOffset + i] * factor;
    }
  }

  @Override
  public void biasGradient(int rows, int fromColumn, int toColumn, Matrix dy, Matrix dBias) {
    biasGradient(
        rows,
        toColumn - fromColumn,
        dy.data(),
        dy.offset() + fromColumn,
        dy.rowStride(),
        dBias.data(),
        dBias.offset() + fromColumn);
  }

  private static void biasGradient(
      int rows, int n, float[] dy, int dyOffset, int dyStride, float[] dBias, int dBiasOffset) {
    int j = 0;
    for (; j <= n - 4 * L; j += 4 * L) {
      fourColumns(rows, dy, dyOffset + j, dyStride, dBias, dBiasOffset + j);
    }
    for (; j <= n - L; j += L) {
      FloatVector sum = FloatVector.fromArray(FLOATS, dBias, dBiasOffset + j);
      for (int r = 0; r < rows; r++) {
        sum = sum.add(FloatVector.fromArray(FLOATS, dy, dyOffset + r * dyStride + j));
      }
      sum.intoArray(dBias, dBiasOffset + j);
    }
    for (; j < n; j++) {
      for (int r = 0; r < rows; r++) {
        dBias[dBiasOffset + j] += dy[dyOffset + r * dyStride + j];
      }
    }
  }

  /** Four vectors of columns at once: their chains hide each other's latency. */
  private static void fourColumns(
      int rows, float[] dy, int dyOffset, int dyStride, float[] dBias, int dBiasOffset) {
    FloatVector s0 = FloatVector.fromArray(FLOATS, dBias, dBiasOffset);
    FloatVector s1 = FloatVector.fromArray(FLOATS, dBias, dBiasOffset + L);
    FloatVector s2 = FloatVector.fromArray(FLOATS, dBias, dBiasOffset + 2 * L);
    FloatVector s3 = FloatVector.fromArray(FLOATS, dBias, dBiasOffset + 3 * L);
    for (int r = 0; r < rows; r++) {
      int at = dyOffset + r * dyStride;
      s0 = s0.add(FloatVector.fromArray(FLOATS, dy, at));
      s1 = s1.add(FloatVector.fromArray(FLOATS, dy, at + L));
      s2 = s2.add(FloatVector.fromArray(FLOATS, dy, at + 2 * L));
      s3 = s3.add(FloatVector.fromArray(FLOATS, dy, at + 3 * L));
    }
    s0.intoArray(dBias, dBiasOffset);
    s1.intoArray(dBias, dBiasOffset + L);
    s2.intoArray(dBias, dBiasOffset + 2 * L);
    s3.intoArray(dBias, dBiasOffset + 3 * L);
  }
}
