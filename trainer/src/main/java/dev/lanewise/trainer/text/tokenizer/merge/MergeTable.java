package dev.lanewise.trainer.text.tokenizer.merge;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Which pairs of ids merge, with which rank and into which id: a hash table of longs. The merge of
 * the lowest rank comes first.
 */
public final class MergeTable {

  /** No merge; greater than every rank, so that it loses against every merge. */
  public static final int NONE = Integer.MAX_VALUE;

  private static final long EMPTY = -1;

  private final long[] keys;
  private final int[] ranks;
  private final int shift;
  private final long[] pairs;
  private final int[] ids;
  private int size;

  // Random, so that no file can aim at collisions; results do not depend on it.
  private final long multiplier = new SplittableRandom().nextLong() | 1;

  /** An empty table for at most {@code capacity} merges. */
  public MergeTable(int capacity) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(8, 2 * capacity));
    keys = new long[1 << bits];
    ranks = new int[1 << bits];
    shift = Long.SIZE - bits;
    pairs = new long[capacity];
    ids = new int[capacity];
    Arrays.fill(keys, EMPTY);
  }

  /** The next merge, which makes {@code id}; of a pair that is there twice the last one counts. */
  public void add(long pair, int id) {
    int slot = slot(pair);
    keys[slot] = pair;
    ranks[slot] = size;
    pairs[size] = pair;
    ids[size++] = id;
  }

  public int size() {
    return size;
  }

  /** The pair of the merge of a rank. */
  public long pairOf(int rank) {
    return pairs[rank];
  }

  /** The id that the merge of a rank makes. */
  public int id(int rank) {
    return ids[rank];
  }

  public static long pair(int left, int right) {
    return (long) left << Integer.SIZE | right;
  }

  public static int left(long pair) {
    return (int) (pair >>> Integer.SIZE);
  }

  public static int right(long pair) {
    return (int) pair;
  }

  /** The rank of the pair's merge, or {@link #NONE}. */
  public int rank(int left, int right) {
    long key = pair(left, right);
    int slot = slot(key);
    return keys[slot] == key ? ranks[slot] : NONE;
  }

  private int slot(long key) {
    int slot = (int) ((key * multiplier) >>> shift);
    while (keys[slot] != key && keys[slot] != EMPTY) {
      slot = slot + 1 & keys.length - 1;
    }
    return slot;
  }
}
