package dev.lanewise.kernels;

/**
 * Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3" (2011): ten rounds of multiplication turn (key, counter) into four
 * random words. It has no state, so every random number of a run has an address.
 */
public final class Philox {

  /** Rounds. */
  public static final int ROUNDS = 10;

  /** Multiplier of words 0 and 1. */
  public static final int MULTIPLIER_0 = 0xD2511F53;

  /** Multiplier of words 2 and 3. */
  public static final int MULTIPLIER_1 = 0xCD9E8D57;

  /** Added to the key's low word each round. */
  public static final int WEYL_0 = 0x9E3779B9;

  /** Added to the key's high word each round. */
  public static final int WEYL_1 = 0xBB67AE85;

  /** Consecutive elements that share a word index; see {@link #element}. */
  public static final int RUN = 32;

  private static final int WORDS = 4;

  private Philox() {}

  /** Writes the four words of the block with the given key and 128-bit counter. */
  public static void block(long key, long block, int stream, int step, int[] words) {
    long low = pair(key, block, stream, step, false);
    long high = pair(key, block, stream, step, true);
    words[0] = (int) low;
    words[1] = (int) (low >>> 32);
    words[2] = (int) high;
    words[3] = (int) (high >>> 32);
  }

  /** Word {@code word} (0..3) of a block. */
  public static int word(long key, long block, int stream, int step, int word) {
    long pair = pair(key, block, stream, step, word >= 2);
    return (int) (pair >>> (word % 2 * 32));
  }

  /** Words 0 and 1 of a block, or words 2 and 3, the first of the two in the low half. */
  private static long pair(long key, long block, int stream, int step, boolean high) {
    int c0 = (int) block;
    int c1 = (int) (block >>> 32);
    int c2 = stream;
    int c3 = step;
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long product1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    return high ? (c2 & 0xFFFFFFFFL) | ((long) c3 << 32) : (c0 & 0xFFFFFFFFL) | ((long) c1 << 32);
  }

  /**
   * Element {@code index} of a stream as the array kernels number them: 32 consecutive elements
   * take one word each of 32 consecutive blocks, the next 32 the next word of the same blocks. So a
   * run of lanes needs one word of consecutive counters, at every vector width.
   */
  public static int element(long key, int stream, int step, long index) {
    long group = index / (RUN * WORDS);
    int within = (int) (index % (RUN * WORDS));
    return word(key, group * RUN + within % RUN, stream, step, within / RUN);
  }
}
