package dev.lanewise.kernels.scalar;

/** Distances in units in the last place. */
final class Ulp {

  /** What an overflow counts as: the float that would follow the largest. */
  private static final double OVERFLOW = 0x1p128;

  private Ulp() {}

  /**
   * How far a float is from a value, in ulp of the float nearest to that value; infinite if only
   * one of them is NaN.
   */
  static double distance(float computed, double exact) {
    if (Double.isNaN(exact) || Float.isNaN(computed)) {
      return Double.isNaN(exact) && Float.isNaN(computed) ? 0 : Double.POSITIVE_INFINITY;
    }
    double clamped = Math.clamp(exact, -OVERFLOW, OVERFLOW);
    double c = Math.clamp((double) computed, -OVERFLOW, OVERFLOW);
    float nearest = Math.clamp((float) clamped, -Float.MAX_VALUE, Float.MAX_VALUE);
    return Math.abs(c - clamped) / Math.ulp(nearest);
  }
}
