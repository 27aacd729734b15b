package dev.lanewise.model.layer;

import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.Philox;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What the definitions in float64 drop of activations, by the same random numbers as {@link
 * Dropout}: element row · C + c of a stream.
 *
 * @param training whether anything is dropped, and whether the loss is the one of training
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

  /**
   * Returns what is added to each token's logit over the temperature in a sampled softmax, see
   * {@link CandidateTokens}: negative infinity where the token is no candidate.
   *
   * @param candidates how many there are
   */
  public double[] addedToLogits(int[] targets, int vocabularySize, int candidates) {
    double[] added = new double[vocabularySize];
    Arrays.fill(added, Double.NEGATIVE_INFINITY);
    for (int target : targets) {
      if (target != CrossEntropy.UNCOUNTED) {
        added[target] = 0;
      }
    }
    int[] others = IntStream.range(0, vocabularySize).filter(id -> added[id] != 0).toArray();
    int runs = candidates - (vocabularySize - others.length);
    for (int i = 0; i < runs; i++) {
      int begin = CandidateTokens.begin(i, runs, others.length);
      int size = CandidateTokens.begin(i + 1, runs, others.length) - begin;
      long element = (long) firstRow * candidates + i;
      int u = Philox.element(seed, CandidateTokens.STREAM, step, element) >>> 8;
      added[others[begin + (int) (((long) u * size) >> 24)]] = Math.log(size);
    }
    return added;
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
