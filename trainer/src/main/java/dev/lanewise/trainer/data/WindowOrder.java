package dev.lanewise.trainer.data;

import dev.lanewise.engine.random.RandomStream;

/**
 * The random order of one epoch: a phase and a permutation of 0..size-1, both functions of (seed,
 * epoch) only. The permutation takes no memory: it is a balanced Feistel network over the smallest
 * power of four that holds the size, and a value beyond the size walks on through the network until
 * it falls inside (cycle walking; Black and Rogaway, "Ciphers with arbitrary finite domains",
 * 2002).
 */
final class WindowOrder {

  private static final int ROUNDS = 6;

  /** On fewer bits the network reaches only a small part of all permutations. */
  private static final int MIN_HALF_BITS = 4;

  private final long size;
  private final int halfBits;
  private final int halfMask;
  private final int[] keys = new int[ROUNDS];
  private final int phase;

  WindowOrder(long seed, long epoch, long size, int phases) {
    RandomStream random = new RandomStream(seed, RandomStream.DATA, epoch);
    this.size = size;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
    halfBits = Math.max(MIN_HALF_BITS, (bits + 1) / 2);
    halfMask = (int) ((1L << halfBits) - 1);
    phase = random.nextInt(phases);
    for (int round = 0; round < ROUNDS; round++) {
      keys[round] = random.nextInt();
    }
  }

  /** In 0..phases-1. */
  int phase() {
    return phase;
  }

  /** The window that comes at place {@code index} of the epoch; both are in 0..size-1. */
  long window(long index) {
    long value = index;
    do {
      value = permute(value);
    } while (value >= size);
    return value;
  }

  private long permute(long value) {
    int left = (int) (value >>> halfBits);
    int right = (int) value & halfMask;
    for (int key : keys) {
      int mixed = left ^ (mix(right ^ key) & halfMask);
      left = right;
      right = mixed;
    }
    return (long) left << halfBits | right;
  }

  /** The finalizer of MurmurHash3, which spreads every bit over all others. */
  private static int mix(int bits) {
    int h = bits;
    h ^= h >>> 16;
    h *= 0x85EBCA6B;
    h ^= h >>> 13;
    h *= 0xC2B2AE35;
    return h ^ h >>> 16;
  }
}
