package dev.lanewise.kernels;

/**
 * How the numbers of a packed matrix are stored. Packing rounds each number to one that the
 * precision has, and a product is the chain of {@link Matmul} with the numbers so rounded, which
 * are floats: they are widened exactly while they are used. So a product has the bits of the same
 * product with {@link #F32} numbers that were rounded before.
 */
public enum Precision {
  /** Floats of 32 bits, as they are. */
  F32,
  /** The upper half of a float of 32 bits; rounded to the nearest, ties to even. */
  BF16,
  /** Floats of 16 bits with 10 of fraction; rounded to the nearest, ties to even. */
  F16,
  /**
   * Whole multiples, from -127 to 127, of a scale that {@link #GROUP} numbers share which follow
   * each other down a column, beginning with row 0. The scale is {@link #scale} of their largest
   * magnitude, and has so few bits that the multiples are floats.
   */
  INT8;

  /** Numbers of a column that share a scale. */
  public static final int GROUP = 32;

  private static final int MOST = 127;
  private static final float MOST_MAGNITUDE = 0x1p100f;
  private static final int LOWER_HALF = 0xffff;

  /**
   * Returns the 16 bits of a number in {@link #BF16}: what is too large becomes infinite, and NaN
   * stays NaN.
   */
  public static int bfloat16(float value) {
    int bits = Float.floatToIntBits(value);
    int rounded = Float.isNaN(value) ? bits : bits + 0x7fff + ((bits >>> Short.SIZE) & 1);
    return rounded >>> Short.SIZE;
  }

  /** Returns the 16 bits of a number in {@link #F16}: what is too large becomes infinite. */
  public static int float16(float value) {
    return Float.floatToFloat16(value) & LOWER_HALF;
  }

  /**
   * Returns the scale of a group of {@link #INT8}: a 127th of the largest magnitude, rounded up to
   * a number of {@link #BF16}, so that no multiple is more than 127. It is NaN, as all numbers of
   * the group become, if one is NaN or has a magnitude of 2^100 or more, which no weight has: what
   * widens numbers multiplies scales by more than 127.
   */
  public static float scale(float largest) {
    if (!(largest < MOST_MAGNITUDE)) {
      return Float.NaN;
    }
    int bits = Float.floatToIntBits(largest / MOST);
    return Float.intBitsToFloat((bits + LOWER_HALF) & ~LOWER_HALF);
  }

  /** Returns the multiple of a scale that is nearest to a number, of two the even one. */
  public static int multiple(float value, float scale) {
    return scale == 0 ? 0 : (int) Math.rint(value / scale);
  }
}
