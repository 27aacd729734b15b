package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Lanes;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.ScaledSum;

/** The scaled sum in plain loops. */
final class ScalarScaledSum implements ScaledSum {

  @Override
  public void forward(int row, int rows, Matrix scales, Matrix x, Matrix z, Matrix y) {
    float a = scales.data()[scales.offset()];
    float b = scales.data()[scales.offset() + 1];
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < y.columns(); j++) {
        float scaled = a * x.data()[x.offset(r) + j];
        y.data()[y.offset(r) + j] = Math.fma(b, z.data()[z.offset(r) + j], scaled);
      }
    }
  }

  @Override
  public void backward(
      int row, int rows, Matrix scales, Matrix x, Matrix z, Matrix d, Matrix dz, Matrix dots) {
    float a = scales.data()[scales.offset()];
    float b = scales.data()[scales.offset() + 1];
    for (int r = row; r < row + rows; r++) {
      float[] ofX = new float[Lanes.COUNT];
      float[] ofZ = new float[Lanes.COUNT];
      for (int j = 0; j < d.columns(); j++) {
        int lane = j % Lanes.COUNT;
        float dy = d.data()[d.offset(r) + j];
        ofX[lane] = Math.fma(dy, x.data()[x.offset(r) + j], ofX[lane]);
        ofZ[lane] = Math.fma(dy, z.data()[z.offset(r) + j], ofZ[lane]);
        int to = dz.offset(r) + j;
        dz.data()[to] = Math.fma(b, dy, dz.data()[to]);
        d.data()[d.offset(r) + j] = a * dy;
      }
      dots.data()[dots.offset(r)] = Lanes.fold(ofX);
      dots.data()[dots.offset(r) + 1] = Lanes.fold(ofZ);
    }
  }
}
