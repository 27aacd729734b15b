package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.ErfGelu;
import dev.lanewise.kernels.Matrix;

/**
 * GELU by the normal distribution, in plain loops. The functions of one float are public for the
 * vector kernel's last few elements, which must have these bits too.
 */
public final class ScalarErfGelu implements ErfGelu {

  ScalarErfGelu() {}

  @Override
  public void forward(int row, int rows, Matrix x, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < y.columns(); j++) {
        y.data()[y.offset(r) + j] = gelu(x.data()[x.offset(r) + j]);
      }
    }
  }

  @Override
  public void backward(int row, int rows, Matrix x, Matrix dy, Matrix dx) {
    for (int r = row; r < row + rows; r++) {
      for (int j = 0; j < dx.columns(); j++) {
        float d = dy.data()[dy.offset(r) + j];
        dx.data()[dx.offset(r) + j] = d * derivative(x.data()[x.offset(r) + j]);
      }
    }
  }

  /** x Φ(x). */
  public static float gelu(float x) {
    float a = Math.abs(clamped(x));
    return Math.fma(-a, tail(a, exponential(a)), Math.max(x, 0f));
  }

  /** Φ(x) + x φ(x). */
  public static float derivative(float x) {
    float c = clamped(x);
    float a = Math.abs(c);
    float e = exponential(a);
    float q = tail(a, e);
    return Math.fma(c, e * DENSITY, c < 0f ? q : 1f - q);
  }

  private static float clamped(float x) {
    return Math.min(Math.max(x, -LIMIT), LIMIT);
  }

  private static float exponential(float a) {
    return ScalarMath.exp(a * a * -0.5f);
  }

  private static float tail(float a, float e) {
    float t = 1f / Math.fma(a, T, 1f);
    float p = Math.fma(P9, t, P8);
    p = Math.fma(p, t, P7);
    p = Math.fma(p, t, P6);
    p = Math.fma(p, t, P5);
    p = Math.fma(p, t, P4);
    p = Math.fma(p, t, P3);
    p = Math.fma(p, t, P2);
    p = Math.fma(p, t, P1);
    p = Math.fma(p, t, P0);
    return e * (t * p);
  }
}
