package dev.lanewise.trainer.text.token;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.kernels.Philox;

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

  private final long seed;
  private final long size;
  private final int phases;
  private final int halfBits;
  private final int halfMask;
  private final int[] keys = new int[ROUNDS];
  private int phase;

  /** {@link #begin} has to follow. */
  WindowOrder(long seed, long size, int phases) {
    this.seed = seed;
    this.size = size;
    this.phases = phases;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
    halfBits = Math.max(MIN_HALF_BITS, (bits + 1) / 2);
    halfMask = (int) ((1L << halfBits) - 1);
  }

  /** Turns to an epoch. */
  void begin(long epoch) {
    // Words straight from the generator, because a RandomStream would be an allocation per epoch.
    for (int round = 0; round < ROUNDS; round++) {
      keys[round] = word(epoch, round);
    }
    // Up to 2^-32 too likely or unlikely, which no run is long enough to see.
    phase = (int) ((Integer.toUnsignedLong(word(epoch, ROUNDS)) * phases) >>> Integer.SIZE);
  }

  private int word(long epoch, int index) {
    return Philox.word(seed, index / 4, RandomStream.DATA, (int) epoch, index % 4);
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
