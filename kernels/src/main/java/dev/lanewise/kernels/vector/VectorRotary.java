package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Rotary;
import jdk.incubator.vector.FloatVector;

/** Rotary position embedding a vector of pairs at a time. */
final class VectorRotary implements Rotary {

  @Override
  public void rotate(
      int row, int rows, int headSize, boolean back, Matrix cos, Matrix sin, int angle, Matrix x) {
    float sign = back ? -1f : 1f;
    int half = cos.columns();
    for (int i = 0; i < rows; i++) {
      int c = cos.offset(angle + i);
      int s = sin.offset(angle + i);
      int at = x.offset(row + i);
      for (int head = 0; head < x.columns(); head += headSize) {
        rotate(half, sign, cos.data(), c, sin.data(), s, x.data(), at + head);
      }
    }
  }

  private static void rotate(
      int half,
      float sign,
      float[] cos,
      int cosOffset,
      float[] sin,
      int sinOffset,
      float[] x,
      int first) {
    int second = first + half;
    int j = 0;
    for (; j <= half - L; j += L) {
      FloatVector c = FloatVector.fromArray(FLOATS, cos, cosOffset + j);
      FloatVector s = FloatVector.fromArray(FLOATS, sin, sinOffset + j).mul(sign);
      FloatVector a = FloatVector.fromArray(FLOATS, x, first + j);
      FloatVector b = FloatVector.fromArray(FLOATS, x, second + j);
      a.fma(c, b.mul(s).neg()).intoArray(x, first + j);
      b.fma(c, a.mul(s)).intoArray(x, second + j);
    }
    for (; j < half; j++) {
      float c = cos[cosOffset + j];
      float s = sin[sinOffset + j] * sign;
      float a = x[first + j];
      float b = x[second + j];
      x[first + j] = Math.fma(a, c, -(b * s));
      x[second + j] = Math.fma(b, c, a * s);
    }
  }
}
