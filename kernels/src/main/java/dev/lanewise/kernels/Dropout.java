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
   * Masks n elements; x and y may be the same slice. Applied to a gradient it is its own backward.
   *
   * @param threshold see {@link #threshold}
   * @param scale 1 / (1 - rate)
   * @param key the run's seed
   * @param stream which dropout of the model
   * @param step which optimizer step
   * @param first index within the stream of the first element
   */
  void apply(
      int n,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      int threshold,
      float scale,
      long key,
      int stream,
      int step,
      long first);
}
