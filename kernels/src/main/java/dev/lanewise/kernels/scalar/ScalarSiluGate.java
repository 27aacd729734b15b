package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.SiluGate;

/** The SiLU gate in plain loops. */
final class ScalarSiluGate implements SiluGate {

  @Override
  public void forward(int row, int rows, Matrix gate, Matrix up, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < y.columns(); j++) {
        float g = gate.data()[gate.offset(r) + j];
        float s = 1f / (1f + ScalarMath.exp(-g));
        y.data()[y.offset(r) + j] = (g * s) * up.data()[up.offset(r) + j];
      }
    }
  }

  @Override
  public void backward(
      int row, int rows, Matrix gate, Matrix up, Matrix dy, Matrix dGate, Matrix dUp) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < dy.columns(); j++) {
        float g = gate.data()[gate.offset(r) + j];
        float u = up.data()[up.offset(r) + j];
        float d = dy.data()[dy.offset(r) + j];
        float s = 1f / (1f + ScalarMath.exp(-g));
        float z = g * s;
        dUp.data()[dUp.offset(r) + j] = d * z;
        dGate.data()[dGate.offset(r) + j] = (d * u) * Math.fma(z, 1f - s, s);
      }
    }
  }
}
