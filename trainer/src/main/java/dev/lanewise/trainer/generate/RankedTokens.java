package dev.lanewise.trainer.generate;

/**
 * Takes tokens from the most probable down, equally probable ones by id: a heap, because as a rule
 * only a few of many are asked for.
 */
final class RankedTokens {

  private final float[] probabilities;
  private final int[] heap;
  private int size;

  /** Ranks the values that the array holds at each {@link #begin}. */
  RankedTokens(float[] probabilities) {
    this.probabilities = probabilities;
    this.heap = new int[probabilities.length];
  }

  /** Starts again with all tokens that are at least so probable. */
  void begin(float least) {
    size = 0;
    for (int id = 0; id < heap.length; id++) {
      if (probabilities[id] >= least) {
        heap[size++] = id;
      }
    }
    for (int i = size / 2 - 1; i >= 0; i--) {
      sink(i);
    }
  }

  /** Returns whether all have been taken. */
  boolean isEmpty() {
    return size == 0;
  }

  /** Takes the next token; there must be one. */
  int next() {
    int first = heap[0];
    heap[0] = heap[--size];
    sink(0);
    return first;
  }

  private void sink(int from) {
    int i = from;
    int id = heap[i];
    for (int child = 2 * i + 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && precedes(heap[child + 1], heap[child])) {
        child++;
      }
      if (!precedes(heap[child], id)) {
        break;
      }
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = id;
  }

  private boolean precedes(int a, int b) {
    float pa = probabilities[a];
    float pb = probabilities[b];
    return pa > pb || (pa == pb && a < b);
  }
}
