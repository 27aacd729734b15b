package dev.lanewise.kernels;

/**
 * exp, tanh and log of arrays: fma polynomials of our own, the same bits on every machine. y may be
 * x.
 *
 * <p>Largest errors, measured over all 2^32 floats against StrictMath in double: exp 1.0086 ulp (at
 * -27.379135), tanh 1.3320 ulp (at 0.6310442), log 0.8317 ulp (at 1.4120755).
 */
public interface Transcendental {

  /** y = e^x; overflows to infinity, underflows gradually. */
  void exp(int n, float[] x, int xOffset, float[] y, int yOffset);

  /** y = tanh x. */
  void tanh(int n, float[] x, int xOffset, float[] y, int yOffset);

  /** y = ln x: NaN below zero, -infinity at zero. */
  void log(int n, float[] x, int xOffset, float[] y, int yOffset);
}
