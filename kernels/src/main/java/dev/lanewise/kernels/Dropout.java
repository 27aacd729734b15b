package dev.lanewise.kernels;

/**
 * Inverted dropout (Srivastava et al., 2014) with a mask that is never stored: element i of a
 * stream is kept or dropped by {@link Philox} alone, so backward draws the same mask again, and
 * neither threads nor a restart can change it.
 *
 * <p><b>Definition.</b> {@code u = Philox.element(key, stream, step, i) >>> 8}; {@code y = u >=
 * threshold ? x * scale : +0}.
 */
public interface Dropout {

  /** The number of the 2^24 values of u that drop an element, for a rate in [0, 1). */
  static int threshold(float rate) {
    return Math.round(rate * (1 << 24));
  }

  /**
   * Which elements are dropped, and what the others are multiplied by.
   *
   * @param rate of dropout, in [0, 1)
   * @param stream which dropout of the model
   */
  record Mask(float rate, int stream) {

    /** The number of the 2^24 values of u that drop an element. */
    public int threshold() {
      return Dropout.threshold(rate);
    }

    /** 1 / (1 - rate). */
    public float scale() {
      return 1f / (1f - rate);
    }
  }

  /**
   * Masks {@code rows} rows from {@code row} on; y may be x. Applied to a gradient it is its own
   * backward. Row 0 of x is row {@code firstRow} of the stream, whose rows lie one after another.
   *
   * @param key the run's seed
   * @param step which optimizer step
   */
  void apply(int row, int rows, Matrix x, Matrix y, Mask mask, long key, int step, long firstRow);
}
