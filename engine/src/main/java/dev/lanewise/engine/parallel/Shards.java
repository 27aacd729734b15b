package dev.lanewise.engine.parallel;

import java.util.Objects;

/**
 * A batch of sequences cut into shards. A shard is a fixed part of the batch, whichever worker
 * computes it: that is why the number of threads does not show in the result.
 *
 * @param sequences sequences in the batch
 * @param count shards, at most one per sequence
 */
public record Shards(int sequences, int count) {

  /** See {@link #defaultCount}. */
  private static final int MOST_BY_DEFAULT = 8;

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
   * How many shards a batch has unless the user says otherwise: the greatest divisor of the batch
   * that is at most 8, so that shards are equal. A function of the batch alone, never of the
   * machine.
   */
  public static int defaultCount(int sequences) {
    int count = Math.min(MOST_BY_DEFAULT, sequences);
    while (sequences % count != 0) {
      count--;
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
