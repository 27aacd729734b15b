package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Lanes;
import dev.lanewise.kernels.Softmax;

/** Softmax of rows in plain loops. */
final class ScalarSoftmax implements Softmax {

  @Override
  public void forward(
      int rows,
      int n,
      float scale,
      float[] x,
      int xOffset,
      int xStride,
      float[] y,
      int yOffset,
      int yStride) {
    for (int r = 0; r < rows; r++) {
      int xRow = xOffset + r * xStride;
      int yRow = yOffset + r * yStride;
      float max = Float.NEGATIVE_INFINITY;
      for (int j = 0; j < n; j++) {
        max = Math.max(max, scale * x[xRow + j]);
      }
      float[] lanes = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        float e = ScalarMath.exp(scale * x[xRow + j] - max);
        lanes[j % Lanes.COUNT] += e;
        y[yRow + j] = e;
      }
      float inverse = 1f / Lanes.fold(lanes);
      for (int j = 0; j < n; j++) {
        y[yRow + j] *= inverse;
      }
    }
  }

  @Override
  public void backward(
      int rows,
      int n,
      float scale,
      float[] y,
      int yOffset,
      int yStride,
      float[] dy,
      int dyOffset,
      int dyStride,
      float[] dx,
      int dxOffset,
      int dxStride) {
    for (int r = 0; r < rows; r++) {
      int yRow = yOffset + r * yStride;
      int dyRow = dyOffset + r * dyStride;
      float[] lanes = new float[Lanes.COUNT];
      for (int j = 0; j < n; j++) {
        int lane = j % Lanes.COUNT;
        lanes[lane] = Math.fma(y[yRow + j], dy[dyRow + j], lanes[lane]);
      }
      float dot = Lanes.fold(lanes);
      for (int j = 0; j < n; j++) {
        dx[dxOffset + r * dxStride + j] = scale * (y[yRow + j] * (dy[dyRow + j] - dot));
      }
    }
  }
}
