package dev.lanewise.engine.random;

import dev.lanewise.kernels.Philox;

/**
 * A sequence of random numbers addressed by (seed, stream, step): {@link Philox} read word by word.
 * Two streams with different addresses are independent, and a stream starts anew wherever it is
 * made, so nothing about randomness needs to be stored to resume a run.
 *
 * <p>Not thread-safe.
 */
public final class RandomStream {

  /** Initial weights; the step is the number of the tensor. */
  public static final int INITIALIZATION = -1;

  /** The order of the data; the step is the epoch. */
  public static final int DATA = -2;

  /** Choosing tokens while generating; the step is the position. */
  public static final int SAMPLING = -3;

  /** Choosing what to check: random tokens of benchmarks, elements of a gradient check. */
  public static final int DIAGNOSTICS = -4;

  private static final int WORDS = 4;

  private final long seed;
  private final int stream;
  private final int step;
  private final int[] words = new int[WORDS];
  private long block;
  private int used = WORDS;
  private double spareGaussian = Double.NaN;

  /**
   * Starts the stream at its first number.
   *
   * @param stream one of the constants; the model's dropouts take the numbers from 0 up
   * @param step only the low 32 bits count
   */
  public RandomStream(long seed, int stream, long step) {
    this.seed = seed;
    this.stream = stream;
    this.step = (int) step;
  }

  /** Returns 32 random bits. */
  public int nextInt() {
    if (used == WORDS) {
      Philox.block(seed, block++, stream, step, words);
      used = 0;
    }
    return words[used++];
  }

  /**
   * Returns a uniform integer in [0, bound), without bias (rejection after Lemire, 2019).
   *
   * @throws IllegalArgumentException if the bound is not positive
   */
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound " + bound + " is not positive");
    }
    long threshold = Integer.toUnsignedLong(-bound) % bound;
    long product;
    do {
      product = Integer.toUnsignedLong(nextInt()) * bound;
    } while ((product & 0xFFFFFFFFL) < threshold);
    return (int) (product >>> 32);
  }

  /** Returns 64 random bits. */
  public long nextLong() {
    long high = nextInt();
    return high << 32 | Integer.toUnsignedLong(nextInt());
  }

  /** Returns a uniform float in [0, 1), a multiple of 2^-24. */
  public float nextFloat() {
    return (nextInt() >>> 8) * 0x1p-24f;
  }

  /** Returns a uniform double in [0, 1), a multiple of 2^-53. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /** Returns a standard normal number, by the transform of Box and Muller (1958). */
  public double nextGaussian() {
    if (!Double.isNaN(spareGaussian)) {
      double spare = spareGaussian;
      spareGaussian = Double.NaN;
      return spare;
    }
    // StrictMath, because Math's logarithm, sine and cosine may differ between machines. The words
    // are moved off zero by half a step, so that the logarithm is finite.
    double radius = StrictMath.sqrt(-2 * StrictMath.log(openUniform()));
    double angle = 2 * Math.PI * openUniform();
    spareGaussian = radius * StrictMath.sin(angle);
    return radius * StrictMath.cos(angle);
  }

  private double openUniform() {
    return (Integer.toUnsignedLong(nextInt()) + 0.5) * 0x1p-32;
  }
}
