package dev.lanewise.kernels;

/**
 * The lane sum: how the sum over a row is defined so that every vector width computes the same
 * bits.
 *
 * <p>Element i is added to virtual lane i mod 32, i ascending, each lane starting at +0; then the
 * lanes are folded in halves: lane j + lane j + 16, then 8, 4, 2, 1. Thirty-two lanes fit in the
 * registers of every machine (eight vectors of 128 bits, two of 512) and hide the latency of the
 * addition.
 */
public final class Lanes {

  /** Virtual lanes. */
  public static final int COUNT = 32;

  private Lanes() {}

  /** Folds 32 lane sums, destroying them. */
  public static float fold(float[] lanes) {
    for (int half = COUNT / 2; half > 0; half /= 2) {
      for (int j = 0; j < half; j++) {
        lanes[j] += lanes[j + half];
      }
    }
    return lanes[0];
  }
}
