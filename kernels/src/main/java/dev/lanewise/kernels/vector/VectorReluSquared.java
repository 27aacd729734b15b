package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.ReluSquared;
import jdk.incubator.vector.FloatVector;

/** The squared ReLU a vector at a time. */
final class VectorReluSquared implements ReluSquared {

  @Override
  public void forward(int row, int rows, Matrix x, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      forward(y.columns(), x.data(), x.offset(r), y.data(), y.offset(r));
    }
  }

  private static void forward(int n, float[] x, int xOffset, float[] y, int yOffset) {
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector above = VectorMath.positive(FloatVector.fromArray(FLOATS, x, xOffset + j));
      above.mul(above).intoArray(y, yOffset + j);
    }
    for (; j < n; j++) {
      float above = Math.max(x[xOffset + j], 0f);
      y[yOffset + j] = above * above;
    }
  }

  @Override
  public void backward(int row, int rows, Matrix x, Matrix dy, Matrix dx) {
    for (int r = row; r < row + rows; r++) {
      backward(
          dx.columns(), x.data(), x.offset(r), dy.data(), dy.offset(r), dx.data(), dx.offset(r));
    }
  }

  private static void backward(
      int n, float[] x, int xOffset, float[] dy, int dyOffset, float[] dx, int dxOffset) {
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector above = VectorMath.positive(FloatVector.fromArray(FLOATS, x, xOffset + j));
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyOffset + j);
      d.mul(above.add(above)).intoArray(dx, dxOffset + j);
    }
    for (; j < n; j++) {
      float above = Math.max(x[xOffset + j], 0f);
      dx[dxOffset + j] = dy[dyOffset + j] * (above + above);
    }
  }
}
