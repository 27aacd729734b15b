package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import java.util.Arrays;

/**
 * Appends the ids of one piece of text after another to an array, with a cache of the pieces it has
 * met. One thread only.
 */
final class PieceEncoder {

  private final PairMerger merger;
  private final int[] translation;
  private final int unknown;
  private final int vocabularySize;
  private final WordCache cache = new WordCache();
  private int[] output;
  private int count;

  PieceEncoder(BytePairTokenizer tokenizer, int expectedIds) {
    merger = new PairMerger(tokenizer.table());
    translation = tokenizer.translation();
    unknown = tokenizer.ids().unknown();
    vocabularySize = tokenizer.vocabularySize();
    output = new int[expectedIds];
  }

  /** Appends the ids of the piece that {@code pieces} stands at. */
  void append(PreTokens pieces) {
    byte[] bytes = pieces.bytes();
    int from = pieces.start();
    int to = pieces.stop();
    if (to - from > WordCache.MAX_WORD_BYTES) {
      int merged = merge(bytes, from, to);
      copy(merger.ids(), 0, merged);
      return;
    }
    int hash = WordCache.hash(bytes, from, to);
    int entry = cache.find(bytes, from, to, hash);
    if (entry >= 0) {
      copy(cache.ids(), cache.idsStart(entry), cache.count(entry));
      return;
    }
    int merged = merge(bytes, from, to);
    cache.add(bytes, from, to, hash, merger.ids(), merged);
    copy(merger.ids(), 0, merged);
  }

  private int merge(byte[] bytes, int from, int to) {
    int merged = merger.encode(bytes, from, to);
    if (translation != null) {
      int[] ids = merger.ids();
      for (int i = 0; i < merged; i++) {
        int id = translation[ids[i]];
        ids[i] = id == TokenIds.NONE ? unknown : id;
        if (ids[i] == TokenIds.NONE) {
          throw unknownCharacter(bytes, from, to);
        }
      }
    }
    return merged;
  }

  /** The first character with a byte that the vocabulary does not have. */
  private UnknownCharacterException unknownCharacter(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      int character = Utf8.decode(bytes, at, to);
      int length = character == Utf8.INCOMPLETE ? to - at : Utf8.length(character);
      for (int i = at; i < at + length; i++) {
        if (translation[ByteAlphabet.idOf(bytes[i])] == TokenIds.NONE) {
          return new UnknownCharacterException(
              Utf8.codePoint(character == Utf8.INCOMPLETE ? 0 : character), vocabularySize);
        }
      }
      at += length;
    }
    throw new IllegalStateException("every byte of the piece has an id");
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
