package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Rotary;

/** Rotary position embedding in plain loops. */
final class ScalarRotary implements Rotary {

  @Override
  public void rotate(
      int row, int rows, int headSize, boolean back, Matrix cos, Matrix sin, int angle, Matrix x) {
    int half = cos.columns();
    for (int i = 0; i < rows; i++) {
      for (int head = 0; head < x.columns(); head += headSize) {
        for (int j = 0; j < half; j++) {
          float c = cos.data()[cos.offset(angle + i) + j];
          float s = sin.data()[sin.offset(angle + i) + j];
          s = back ? -s : s;
          int first = x.offset(row + i) + head + j;
          float a = x.data()[first];
          float b = x.data()[first + half];
          x.data()[first] = Math.fma(a, c, -(b * s));
          x.data()[first + half] = Math.fma(b, c, a * s);
        }
      }
    }
  }
}
