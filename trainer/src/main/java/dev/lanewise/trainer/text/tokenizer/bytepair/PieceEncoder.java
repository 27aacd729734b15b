package dev.lanewise.trainer.text.tokenizer.bytepair;

import java.util.Arrays;

/**
 * Appends the ids of one piece of text after another to an array, with a cache of the pieces it has
 * met. One thread only.
 */
final class PieceEncoder {

  private final PairMerger merger;
  private final WordCache cache = new WordCache();
  private int[] output;
  private int count;

  PieceEncoder(MergeTable table, int expectedIds) {
    merger = new PairMerger(table);
    output = new int[expectedIds];
  }

  /** Appends the ids of the piece that {@code pieces} stands at. */
  void append(PreTokens pieces) {
    byte[] bytes = pieces.bytes();
    int from = pieces.start();
    int to = pieces.stop();
    if (to - from > WordCache.MAX_WORD_BYTES) {
      int merged = merger.encode(bytes, from, to);
      copy(merger.ids(), 0, merged);
      return;
    }
    int hash = WordCache.hash(bytes, from, to);
    int entry = cache.find(bytes, from, to, hash);
    if (entry >= 0) {
      copy(cache.ids(), cache.idsStart(entry), cache.count(entry));
      return;
    }
    int merged = merger.encode(bytes, from, to);
    cache.add(bytes, from, to, hash, merger.ids(), merged);
    copy(merger.ids(), 0, merged);
  }

  private void copy(int[] ids, int start, int length) {
    if (output.length - count < length) {
      output = Arrays.copyOf(output, Math.max(2 * output.length, count + length));
    }
    for (int i = 0; i < length; i++) {
      output[count + i] = ids[start + i];
    }
    count += length;
  }

  int[] output() {
    return output;
  }

  int count() {
    return count;
  }

  /** Forgets the output, not the cache. */
  void clear() {
    count = 0;
  }
}
