package dev.lanewise.kernels.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;

/**
 * First-order error analysis (Higham, Accuracy and Stability of Numerical Algorithms, chapters 2 to
 * 4): a rounding changes a result by at most {@link #U} of its magnitude, a chain of k by k times
 * that.
 */
final class Rounding {

  /** The unit roundoff of float. */
  static final double U = 0x1p-24;

  /** What {@link ScalarMath} is off by at most, relatively: 2 ulp, of which one is at most 2 U. */
  static final double TRANSCENDENTAL = 4 * U;

  /** Folds of a lane sum after the lanes' own chains. */
  private static final int FOLDS = 5;

  /** Room for the products of errors, which the analysis drops. */
  private static final double SECOND_ORDER = 1 + 1e-3;

  private Rounding() {}

  /** Roundings that an element of a lane sum of n goes through. */
  static int laneSum(int n) {
    return Math.ceilDiv(n, 32) + FOLDS;
  }

  /** Fails if the computed value is further from the exact one than the bound. */
  static void assertWithin(String what, float computed, double exact, double bound) {
    double error = Math.abs(computed - exact);
    assertThat(error)
        .as("%s: %s, exactly %s; error", what, computed, exact)
        .isLessThanOrEqualTo(bound * SECOND_ORDER + Float.MIN_VALUE);
  }

  /** Standard normal values times a factor. */
  static float[] normal(long seed, int n, float factor) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian() * factor;
    }
    return values;
  }
}
