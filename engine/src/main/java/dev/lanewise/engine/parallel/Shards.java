package dev.lanewise.engine.parallel;

import java.util.Objects;

/**
 * A batch of sequences cut into shards. A shard is a fixed part of the batch, whoever works on it:
 * that is why the number of threads does not show in the result.
 *
 * @param sequences sequences in the batch
 * @param count shards, at most one per sequence
 */
public record Shards(int sequences, int count) {

  /** See {@link #defaultCount}. */
  private static final int MOST_BY_DEFAULT = 8;

  /**
   * Each shard reads all weights and writes a gradient of its own: with fewer rows than this, large
   * weights take longer to move than to compute with.
   */
  private static final int FEWEST_ROWS_BY_DEFAULT = 128;

  /**
   * Checks the cut.
   *
   * @throws IllegalArgumentException if there are no shards, or more than sequences
   */
  public Shards {
    if (count < 1 || count > sequences) {
      throw new IllegalArgumentException(
          count + " shards cannot share " + sequences + " sequences");
    }
  }

  /**
   * How many shards a batch has unless the user says otherwise: a divisor of the batch, so that
   * shards are equal; the greatest up to 8 that leaves each at least 128 rows, or the least above 1
   * if none does. A function of the batch alone, never of the machine.
   *
   * @param time rows of a sequence
   */
  public static int defaultCount(int sequences, int time) {
    int count = 1;
    for (int next = 2; next <= MOST_BY_DEFAULT; next++) {
      long rows = (long) sequences / next * time;
      if (sequences % next == 0 && (count == 1 || rows >= FEWEST_ROWS_BY_DEFAULT)) {
        count = next;
      }
    }
    return count;
  }

  /** Returns the first sequence of a shard. */
  public int from(int shard) {
    return (int) ((long) sequences * Objects.checkIndex(shard, count) / count);
  }

  /** Returns the end (exclusive) of a shard. */
  public int to(int shard) {
    return (int) ((long) sequences * (Objects.checkIndex(shard, count) + 1) / count);
  }

  /** Returns the size of the greatest shard. */
  public int largest() {
    return Math.ceilDiv(sequences, count);
  }
}
