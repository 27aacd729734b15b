package dev.lanewise.model.layer;

import dev.lanewise.kernels.Philox;

/**
 * What the definitions in float64 drop of activations, by the same random numbers as {@link
 * Dropout}: element row · C + c of a stream.
 *
 * @param training whether anything is dropped
 * @param firstRow the number of the first row in its batch
 */
public record RandomMasks(boolean training, long seed, int step, int firstRow) {

  /** Outside training. */
  public static final RandomMasks NONE = new RandomMasks(false, 0, 0, 0);

  /** Returns the masks of one training step. */
  public static RandomMasks of(long seed, int step) {
    return new RandomMasks(true, seed, step, 0);
  }

  /** Returns the same for rows that begin there. */
  public RandomMasks from(int row) {
    return new RandomMasks(training, seed, step, row);
  }

  /**
   * Returns whether the row of a table for position t is part of the sum, see {@link RowDropout}.
   */
  public boolean keepsRow(NgramTable table, float rate, int t) {
    int u = Philox.element(seed, RowDropout.stream(table), step, firstRow + t) >>> 8;
    return !training || u >= dev.lanewise.kernels.Dropout.threshold(rate);
  }

  /** Returns x without what is dropped, and the rest scaled: a copy. */
  public double[][] drop(double[][] x, float rate, int stream) {
    int threshold = dev.lanewise.kernels.Dropout.threshold(rate);
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = x[t].clone();
      for (int c = 0; training && c < y[t].length; c++) {
        long element = (long) (firstRow + t) * y[t].length + c;
        int u = Philox.element(seed, stream, step, element) >>> 8;
        y[t][c] = u >= threshold ? y[t][c] / (1 - rate) : 0;
      }
    }
    return y;
  }
}
