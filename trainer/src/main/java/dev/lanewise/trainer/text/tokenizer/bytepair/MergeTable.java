package dev.lanewise.trainer.text.tokenizer.bytepair;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Which pairs of ids merge, and into which id: a hash table of longs. Ids of merged pairs ascend in
 * the order of the merges, so that the id is also the rank.
 */
final class MergeTable {

  /** No merge; greater than every id, so that it loses against every merge. */
  static final int NONE = Integer.MAX_VALUE;

  private static final long EMPTY = -1;

  private final long[] keys;
  private final int[] merged;
  private final int shift;
  private int nextId;

  // Random, so that no file can aim at collisions; results do not depend on it.
  private final long multiplier = new SplittableRandom().nextLong() | 1;

  /**
   * An empty table for at most {@code capacity} merges; the first will make the id {@code firstId}.
   */
  MergeTable(int capacity, int firstId) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(8, 2 * capacity));
    keys = new long[1 << bits];
    merged = new int[1 << bits];
    shift = Long.SIZE - bits;
    nextId = firstId;
    Arrays.fill(keys, EMPTY);
  }

  /** The next merge; the pair is not there yet. */
  void add(long pair) {
    int slot = slot(pair);
    keys[slot] = pair;
    merged[slot] = nextId++;
  }

  static long pair(int left, int right) {
    return (long) left << Integer.SIZE | right;
  }

  static int left(long pair) {
    return (int) (pair >>> Integer.SIZE);
  }

  static int right(long pair) {
    return (int) pair;
  }

  /** The id that the pair merges into, or {@link #NONE}. */
  int merged(int left, int right) {
    long key = pair(left, right);
    int slot = slot(key);
    return keys[slot] == key ? merged[slot] : NONE;
  }

  private int slot(long key) {
    int slot = (int) ((key * multiplier) >>> shift);
    while (keys[slot] != key && keys[slot] != EMPTY) {
      slot = slot + 1 & keys.length - 1;
    }
    return slot;
  }
}
