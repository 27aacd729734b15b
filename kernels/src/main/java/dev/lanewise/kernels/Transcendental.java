package dev.lanewise.kernels;

/**
 * exp, tanh and log of arrays: fma polynomials of our own, within 2 ulp of the true value over all
 * floats, the same bits on every machine. y may be x.
 */
public interface Transcendental {

  /** y = e^x; overflows to infinity, underflows gradually. */
  void exp(int n, float[] x, int xOffset, float[] y, int yOffset);

  /** y = tanh x. */
  void tanh(int n, float[] x, int xOffset, float[] y, int yOffset);

  /** y = ln x: NaN below zero, -infinity at zero. */
  void log(int n, float[] x, int xOffset, float[] y, int yOffset);
}
