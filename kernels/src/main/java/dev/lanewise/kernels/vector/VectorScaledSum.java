package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.ScaledSum;
import jdk.incubator.vector.FloatVector;

/** The scaled sum a vector at a time. */
final class VectorScaledSum implements ScaledSum {

  @Override
  public void forward(int row, int rows, Matrix scales, Matrix x, Matrix z, Matrix y) {
    float a = scales.data()[scales.offset()];
    float b = scales.data()[scales.offset() + 1];
    for (int r = row; r < row + rows; r++) {
      forward(
          y.columns(), a, b, x.data(), x.offset(r), z.data(), z.offset(r), y.data(), y.offset(r));
    }
  }

  private static void forward(
      int n,
      float a,
      float b,
      float[] x,
      int xOffset,
      float[] z,
      int zOffset,
      float[] y,
      int yOffset) {
    FloatVector factor = FloatVector.broadcast(FLOATS, b);
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector scaled = FloatVector.fromArray(FLOATS, x, xOffset + j).mul(a);
      factor.fma(FloatVector.fromArray(FLOATS, z, zOffset + j), scaled).intoArray(y, yOffset + j);
    }
    for (; j < n; j++) {
      y[yOffset + j] = Math.fma(b, z[zOffset + j], a * x[xOffset + j]);
    }
  }

  @Override
  public void backward(
      int row, int rows, Matrix scales, Matrix x, Matrix z, Matrix d, Matrix dz, Matrix dots) {
    int n = d.columns();
    float a = scales.data()[scales.offset()];
    float b = scales.data()[scales.offset() + 1];
    float[] dy = d.data();
    for (int r = row; r < row + rows; r++) {
      int at = d.offset(r);
      int dot = dots.offset(r);
      dots.data()[dot] = VectorLanes.dot(n, dy, at, x.data(), x.offset(r));
      dots.data()[dot + 1] = VectorLanes.dot(n, dy, at, z.data(), z.offset(r));
      backwardRow(n, a, b, dy, at, dz.data(), dz.offset(r));
    }
  }

  private static void backwardRow(
      int n, float a, float b, float[] d, int dOffset, float[] dz, int dzOffset) {
    FloatVector factor = FloatVector.broadcast(FLOATS, b);
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector dy = FloatVector.fromArray(FLOATS, d, dOffset + j);
      FloatVector sum = FloatVector.fromArray(FLOATS, dz, dzOffset + j);
      factor.fma(dy, sum).intoArray(dz, dzOffset + j);
      dy.mul(a).intoArray(d, dOffset + j);
    }
    for (; j < n; j++) {
      float dy = d[dOffset + j];
      dz[dzOffset + j] = Math.fma(b, dy, dz[dzOffset + j]);
      d[dOffset + j] = a * dy;
    }
  }
}
