package dev.lanewise.trainer.generate;

import java.util.Arrays;

/**
 * What a pass takes by the number of its rows, learned from those that were made: how much more
 * four rows take than one is another matter for each model and machine. It decides what is tried,
 * and never what a text is.
 */
final class PassTimes {

  /**
   * Passes are told apart by so many rows, which take about the same time, but for a single row.
   */
  private static final int TILE = 4;

  /** What a further row is taken to cost, in passes of one, until it is known. */
  private static final double COST = 0.05;

  /** Passes after which a time is not known any more, at first: code is still being compiled. */
  private static final int FIRST_MEMORY = 64;

  private static final int LONGEST_MEMORY = 2048;

  private final double[] nanos;
  private final long[] lastPass;
  private final int[] memory;
  private long passes;

  /**
   * Makes it without a time.
   *
   * @param mostRows of a pass
   */
  PassTimes(int mostRows) {
    this.nanos = new double[tiles(mostRows) + 1];
    this.lastPass = new long[nanos.length];
    this.memory = new int[nanos.length];
    Arrays.fill(memory, FIRST_MEMORY);
  }

  private static int tiles(int rows) {
    return rows == 1 ? 0 : Math.ceilDiv(rows, TILE);
  }

  /** Is told of a pass. What is only sometimes slow counts little. */
  void add(int rows, long took) {
    passes++;
    int i = tiles(rows);
    if (!isKnown(i)) {
      nanos[i] = took;
      memory[i] = Math.min(LONGEST_MEMORY, 2 * memory[i]);
    } else if (took < nanos[i]) {
      nanos[i] = (nanos[i] + took) / 2;
    } else {
      nanos[i] += (Math.min(took, 2 * nanos[i]) - nanos[i]) / 8;
    }
    lastPass[i] = passes;
  }

  private boolean isKnown(int i) {
    return nanos[i] > 0 && passes - lastPass[i] <= memory[i];
  }

  /** Returns the time of a pass with some more rows, in passes without them. */
  double withMore(int rows, int more) {
    int from = tiles(rows);
    int to = tiles(rows + more);
    return isKnown(from) && isKnown(to) ? nanos[to] / nanos[from] : 1 + COST * more;
  }
}
