package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.ByteAlphabet;
import dev.lanewise.trainer.text.tokenizer.TokenBytes;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.merge.PairMerger;
import dev.lanewise.trainer.text.tokenizer.merge.WordCache;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PieceScanner;
import java.util.Arrays;

/**
 * Appends the ids of one piece of text after another to an array, with a cache of the pieces it has
 * met. One thread only.
 */
final class PieceEncoder {

  /** Added to a byte that has no id, it makes one that no merge knows. */
  private static final int UNKNOWN = 1 << 30;

  private final PairMerger merger;
  private final BytePairModel model;
  private final int[] byteIds;
  private final boolean hasAllBytes;
  private final WordCache cache = new WordCache();
  private int[] output;
  private int count;

  PieceEncoder(BytePairModel model, int expectedIds) {
    this.model = model;
    byteIds = model.byteIds();
    merger = new PairMerger(model.table());
    hasAllBytes = Arrays.stream(byteIds).allMatch(id -> id != BytePairModel.NONE);
    for (int b = 0; b < byteIds.length; b++) {
      if (byteIds[b] == BytePairModel.NONE) {
        byteIds[b] = UNKNOWN + b;
      }
    }
    output = new int[expectedIds];
  }

  /** Appends the ids of the piece that {@code pieces} stands at. */
  void append(PieceScanner pieces) {
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
    if (model.rules().ignoreMerges() && to - from <= TokenBytes.Builder.MAX_TOKEN_BYTES) {
      int id = model.id(ByteAlphabet.show(bytes, from, to));
      if (id != BytePairModel.NONE) {
        merger.ids()[0] = id;
        return 1;
      }
    }
    int[] ids = merger.ids(to - from);
    for (int i = 0; i < to - from; i++) {
      ids[i] = byteIds[bytes[from + i] & 0xFF];
    }
    int merged = merger.merge(to - from);
    return hasAllBytes ? merged : replaceUnknown(merged, bytes, from, to);
  }

  /** Puts the unknown token for bytes that have none, one for each or for a run of them. */
  private int replaceUnknown(int merged, byte[] bytes, int from, int to) {
    int[] ids = merger.ids();
    int unknown = model.rules().unknown();
    int kept = 0;
    boolean before = false;
    for (int i = 0; i < merged; i++) {
      boolean isUnknown = ids[i] >= UNKNOWN;
      if (isUnknown && unknown == BytePairModel.NONE) {
        throw unknownCharacter(bytes, from, to);
      }
      if (!(isUnknown && before && model.rules().fuseUnknown())) {
        ids[kept++] = isUnknown ? unknown : ids[i];
      }
      before = isUnknown;
    }
    return kept;
  }

  /** The first character with a byte that the vocabulary does not have. */
  private UnknownCharacterException unknownCharacter(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      int character = Utf8.decode(bytes, at, to);
      int length = character == Utf8.INCOMPLETE ? to - at : Utf8.length(character);
      for (int i = at; i < at + length; i++) {
        if (byteIds[bytes[i] & 0xFF] >= UNKNOWN) {
          return new UnknownCharacterException(
              Utf8.codePoint(character == Utf8.INCOMPLETE ? 0 : character), model.shown().size());
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
