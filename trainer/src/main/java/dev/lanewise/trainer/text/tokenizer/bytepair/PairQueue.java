package dev.lanewise.trainer.text.tokenizer.bytepair;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * All pairs of neighbouring ids with their counts and the words they occur in, and which pair is
 * first: the one with the highest count, among equals the one with the smaller left id, then the
 * smaller right id. A binary heap that knows where each pair lies, over a hash table of pairs.
 */
final class PairQueue {

  private static final int INITIAL_PAIRS = 1 << 12;
  private static final int NOT_IN_HEAP = -1;

  private final long multiplier = new SplittableRandom().nextLong() | 1;

  /** Pair number + 1, or 0 for an empty slot. */
  private int[] slots = new int[2 * INITIAL_PAIRS];

  private long[] pairs = new long[INITIAL_PAIRS];
  private long[] counts = new long[INITIAL_PAIRS];
  private int[][] words = new int[INITIAL_PAIRS][];
  private int[] wordCounts = new int[INITIAL_PAIRS];
  private int[] places = new int[INITIAL_PAIRS];
  private int pairCount;

  private int[] heap = new int[INITIAL_PAIRS];
  private int heapSize;

  /** Adds to the pair's count, and remembers that it occurs in {@code word}. */
  void add(long pair, long times, int word) {
    int number = numberOf(pair);
    counts[number] += times;
    int known = wordCounts[number];
    if (known == 0 || words[number][known - 1] != word) {
      if (words[number] == null) {
        words[number] = new int[2];
      } else if (known == words[number].length) {
        words[number] = Arrays.copyOf(words[number], 2 * known);
      }
      words[number][known] = word;
      wordCounts[number]++;
    }
    if (places[number] != NOT_IN_HEAP) {
      siftUp(places[number]);
    }
  }

  /** Takes from the count of a pair that has been added before. */
  void subtract(long pair, long times) {
    int number = slots[slot(pair)] - 1;
    counts[number] -= times;
    if (places[number] != NOT_IN_HEAP) {
      siftDown(places[number]);
    }
  }

  /** The number of the first pair, which leaves the queue, or -1 when no pair is left. */
  int poll() {
    if (heapSize == 0) {
      return -1;
    }
    int first = heap[0];
    int last = heap[--heapSize];
    places[first] = NOT_IN_HEAP;
    if (heapSize > 0) {
      put(0, last);
      siftDown(0);
    }
    return first;
  }

  long pair(int number) {
    return pairs[number];
  }

  long count(int number) {
    return counts[number];
  }

  /**
   * Words in which the pair has occurred, some of them perhaps twice or no longer. The queue
   * forgets them.
   */
  int[] takeWords(int number) {
    int[] taken = Arrays.copyOf(words[number], wordCounts[number]);
    words[number] = null;
    wordCounts[number] = 0;
    return taken;
  }

  private int numberOf(long pair) {
    int slot = slot(pair);
    if (slots[slot] != 0) {
      return slots[slot] - 1;
    }
    if (pairCount == pairs.length) {
      grow();
      slot = slot(pair);
    }
    int number = pairCount++;
    slots[slot] = number + 1;
    pairs[number] = pair;
    put(heapSize++, number);
    return number;
  }

  private int slot(long pair) {
    int slot = (int) ((pair * multiplier) >>> Integer.SIZE) & slots.length - 1;
    while (slots[slot] != 0 && pairs[slots[slot] - 1] != pair) {
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  private void grow() {
    int room = 2 * pairs.length;
    pairs = Arrays.copyOf(pairs, room);
    counts = Arrays.copyOf(counts, room);
    words = Arrays.copyOf(words, room);
    wordCounts = Arrays.copyOf(wordCounts, room);
    places = Arrays.copyOf(places, room);
    heap = Arrays.copyOf(heap, room);
    slots = new int[2 * room];
    for (int number = 0; number < pairCount; number++) {
      slots[slot(pairs[number])] = number + 1;
    }
  }

  private boolean before(int a, int b) {
    if (counts[a] != counts[b]) {
      return counts[a] > counts[b];
    }
    return pairs[a] < pairs[b];
  }

  private void put(int place, int number) {
    heap[place] = number;
    places[number] = place;
  }

  private void siftUp(int from) {
    int place = from;
    int number = heap[place];
    while (place > 0 && before(number, heap[(place - 1) / 2])) {
      put(place, heap[(place - 1) / 2]);
      place = (place - 1) / 2;
    }
    put(place, number);
  }

  private void siftDown(int from) {
    int place = from;
    int number = heap[place];
    while (2 * place + 1 < heapSize) {
      int child = 2 * place + 1;
      if (child + 1 < heapSize && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], number)) {
        break;
      }
      put(place, heap[child]);
      place = child;
    }
    put(place, number);
  }
}
