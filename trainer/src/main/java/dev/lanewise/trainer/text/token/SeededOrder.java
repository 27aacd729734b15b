package dev.lanewise.trainer.text.token;

import dev.lanewise.engine.random.RandomStream;

/** A random order of few enough things to be held in memory (Fisher and Yates). */
public final class SeededOrder {

  private SeededOrder() {}

  /**
   * Returns the numbers below {@code count} in an order that follows from the rest.
   *
   * @param purpose negative, and of no other use of the data's stream
   */
  public static int[] of(int count, long seed, long purpose) {
    RandomStream random = new RandomStream(seed, RandomStream.DATA, purpose);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int at = random.nextInt(i + 1);
      order[i] = order[at];
      order[at] = i;
    }
    return order;
  }
}
