package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.engine.random.RandomStream;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How often each piece of text occurs: a hash table over bytes. When there are more different
 * pieces than it has room for, rare ones are thinned out, so that any corpus can be counted: of the
 * pieces seen fewer than t times each stays with probability count/t and then counts t. So every
 * count is right on average wherever in the text the piece stood, and frequent pieces are exact.
 * What stays depends on the text alone.
 */
final class WordCounts {

  private static final int INITIAL_SLOTS = 1 << 12;

  private final int maxWords;
  private final int maxBytes;
  private final long multiplier = new SplittableRandom().nextLong() | 1;

  /** Word number + 1, or 0 for an empty slot. */
  private int[] slots = new int[INITIAL_SLOTS];

  private byte[] keys = new byte[INITIAL_SLOTS * 4];

  /** Word w is keys[starts[w]..starts[w+1]). */
  private int[] starts = new int[INITIAL_SLOTS / 2 + 1];

  private long[] counts = new long[INITIAL_SLOTS / 2];
  private int words;
  private int thinnings;

  /** Room for so many different pieces, of so many bytes together. */
  WordCounts(int maxWords, int maxBytes) {
    this.maxWords = maxWords;
    this.maxBytes = maxBytes;
  }

  /** Whether counts are estimates, because there was no room for all pieces. */
  boolean isThinned() {
    return thinnings > 0;
  }

  int size() {
    return words;
  }

  byte[] keys() {
    return keys;
  }

  int start(int word) {
    return starts[word];
  }

  int length(int word) {
    return starts[word + 1] - starts[word];
  }

  long count(int word) {
    return counts[word];
  }

  /** Counts bytes[from..to) {@code times} times more. */
  void add(byte[] bytes, int from, int to, long times) {
    int slot = find(bytes, from, to);
    if (slots[slot] != 0) {
      counts[slots[slot] - 1] += times;
      return;
    }
    int length = to - from;
    if (words == maxWords || starts[words] + length > maxBytes) {
      thinOut();
      slot = find(bytes, from, to);
    }
    if (2 * (words + 1) > slots.length) {
      rehash();
      slot = find(bytes, from, to);
    }
    if (words == counts.length) {
      counts = Arrays.copyOf(counts, 2 * words);
      starts = Arrays.copyOf(starts, 2 * words + 1);
    }
    int end = starts[words] + length;
    if (end > keys.length) {
      keys = Arrays.copyOf(keys, Math.max(end, 2 * keys.length));
    }
    System.arraycopy(bytes, from, keys, starts[words], length);
    starts[words + 1] = end;
    counts[words] = times;
    words++;
    slots[slot] = words;
  }

  /** The slot where the word is, or the empty one where it belongs. */
  private int find(byte[] bytes, int from, int to) {
    long hash = 1;
    for (int i = from; i < to; i++) {
      hash = (hash + bytes[i]) * multiplier;
    }
    int slot = (int) (hash >>> Integer.SIZE) & slots.length - 1;
    while (slots[slot] != 0) {
      int word = slots[slot] - 1;
      if (Arrays.equals(keys, starts[word], starts[word + 1], bytes, from, to)) {
        return slot;
      }
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  private void rehash() {
    slots = new int[2 * slots.length];
    for (int word = 0; word < words; word++) {
      slots[find(keys, starts[word], starts[word + 1])] = word + 1;
    }
  }

  /** Raises t (see above) until half of the room is free. */
  private void thinOut() {
    RandomStream random = new RandomStream(0, RandomStream.DATA, thinnings++);
    for (long least = 2; 2 * words > maxWords || 2L * starts[words] > maxBytes; least *= 2) {
      int kept = 0;
      for (int word = 0; word < words; word++) {
        if (counts[word] >= least || random.nextDouble() * least < counts[word]) {
          int length = length(word);
          System.arraycopy(keys, starts[word], keys, starts[kept], length);
          counts[kept] = Math.max(least, counts[word]);
          starts[kept + 1] = starts[kept] + length;
          kept++;
        }
      }
      words = kept;
    }
    Arrays.fill(slots, 0);
    for (int word = 0; word < words; word++) {
      slots[find(keys, starts[word], starts[word + 1])] = word + 1;
    }
  }
}
