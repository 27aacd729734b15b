package dev.lanewise.trainer.text.tokenizer.merge;

/**
 * Merges neighbours in one piece of text: always the pair of the lowest rank, the leftmost among
 * equals. Holds scratch memory, hence one thread only.
 */
public final class PairMerger {

  /** Up to here a plain search for the lowest rank is faster than a heap. */
  private static final int SHORT = 96;

  private final MergeTable table;
  private int[] ids = new int[SHORT];
  private int[] ranks = new int[SHORT];
  private int[] next = new int[0];
  private int[] previous = new int[0];
  private long[] heap = new long[0];
  private int heapSize;

  public PairMerger(MergeTable table) {
    this.table = table;
  }

  /** The ids of a piece, with room for {@code length} of them; what is in it may be lost. */
  public int[] ids(int length) {
    if (ids.length < length) {
      ids = new int[length];
    }
    return ids;
  }

  /** The ids after {@link #merge}. */
  public int[] ids() {
    return ids;
  }

  /**
   * Merges ids[0..length) in place and returns how many are left. An id that no merge has stays.
   */
  public int merge(int length) {
    return length <= SHORT ? mergeBySearch(length) : mergeByHeap(length);
  }

  private int mergeBySearch(int length) {
    int count = length;
    for (int i = 0; i + 1 < count; i++) {
      ranks[i] = table.rank(ids[i], ids[i + 1]);
    }
    while (count > 1) {
      int best = 0;
      for (int i = 1; i < count - 1; i++) {
        if (ranks[i] < ranks[best]) {
          best = i;
        }
      }
      if (ranks[best] == MergeTable.NONE) {
        break;
      }
      ids[best] = table.id(ranks[best]);
      count--;
      System.arraycopy(ids, best + 2, ids, best + 1, count - best - 1);
      System.arraycopy(ranks, best + 1, ranks, best, count - best);
      if (best + 1 < count) {
        ranks[best] = table.rank(ids[best], ids[best + 1]);
      }
      if (best > 0) {
        ranks[best - 1] = table.rank(ids[best - 1], ids[best]);
      }
    }
    return count;
  }

  /**
   * n log n. The heap holds (rank, position); an entry whose pair has changed since is passed over.
   */
  private int mergeByHeap(int length) {
    growLinks(length);
    heapSize = 0;
    for (int i = 0; i < length; i++) {
      previous[i] = i - 1;
      next[i] = i + 1;
    }
    for (int i = 0; i < length; i++) {
      offer(i, length);
    }
    while (heapSize > 0) {
      long top = poll();
      int rank = (int) (top >>> Integer.SIZE);
      int at = (int) top;
      int right = next[at];
      if (right >= length || ids[at] < 0 || table.rank(ids[at], ids[right]) != rank) {
        continue;
      }
      ids[at] = table.id(rank);
      ids[right] = -1;
      next[at] = next[right];
      if (next[at] < length) {
        previous[next[at]] = at;
      }
      offer(at, length);
      if (previous[at] >= 0) {
        offer(previous[at], length);
      }
    }
    int count = 0;
    for (int at = 0; at < length; at = next[at]) {
      ids[count++] = ids[at];
    }
    return count;
  }

  private void growLinks(int length) {
    if (next.length < length) {
      next = new int[length];
      previous = new int[length];
      // Every byte offers once, and every one of the at most length-1 merges twice.
      heap = new long[3 * length];
    }
  }

  private void offer(int at, int length) {
    if (next[at] >= length) {
      return;
    }
    int rank = table.rank(ids[at], ids[next[at]]);
    if (rank == MergeTable.NONE) {
      return;
    }
    long entry = (long) rank << Integer.SIZE | at;
    int hole = heapSize++;
    while (hole > 0 && heap[(hole - 1) / 2] > entry) {
      heap[hole] = heap[(hole - 1) / 2];
      hole = (hole - 1) / 2;
    }
    heap[hole] = entry;
  }

  private long poll() {
    long top = heap[0];
    long moved = heap[--heapSize];
    int hole = 0;
    while (2 * hole + 1 < heapSize) {
      int child = 2 * hole + 1;
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= moved) {
        break;
      }
      heap[hole] = heap[child];
      hole = child;
    }
    heap[hole] = moved;
    return top;
  }
}
