package dev.lanewise.trainer.text.token;

import java.util.Objects;

/** Token ids in memory. */
final class TokenArray implements TokenSequence {

  private final int[] ids;
  private final int vocabularySize;

  TokenArray(int[] ids, int vocabularySize) {
    for (int id : ids) {
      Objects.checkIndex(id, vocabularySize);
    }
    this.ids = ids.clone();
    this.vocabularySize = vocabularySize;
  }

  @Override
  public long size() {
    return ids.length;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public int get(long i) {
    return ids[Math.toIntExact(Objects.checkIndex(i, size()))];
  }

  @Override
  public void copy(long from, int count, int[] target, int targetOffset) {
    Objects.checkFromIndexSize(from, (long) count, size());
    System.arraycopy(ids, Math.toIntExact(from), target, targetOffset, count);
  }
}
