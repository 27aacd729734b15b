package dev.lanewise.kernels.scalar;

/** The tail of the normal distribution in double, 1 − Φ(a) for a ≥ 0: relatively within 1e-12. */
final class NormalTail {

  /** From here on the continued fraction is exact sooner than the series. */
  private static final double LARGE = 3;

  private static final int TERMS = 200;

  private NormalTail() {}

  static double of(double a) {
    double density = StrictMath.exp(-a * a / 2) / Math.sqrt(2 * Math.PI);
    return a < LARGE ? 0.5 - density * series(a) : density * fraction(a);
  }

  /** a + a³/3 + a⁵/15 + ..., what Φ(a) − 0.5 is as a multiple of the density. */
  private static double series(double a) {
    double term = a;
    double sum = 0;
    for (int k = 1; k < TERMS; k++) {
      sum += term;
      term *= a * a / (2 * k + 1);
    }
    return sum;
  }

  /** Laplace's continued fraction 1 / (a + 1 / (a + 2 / (a + 3 / ...))). */
  private static double fraction(double a) {
    double value = a;
    for (int k = TERMS; k > 0; k--) {
      value = a + k / value;
    }
    return 1 / value;
  }
}
