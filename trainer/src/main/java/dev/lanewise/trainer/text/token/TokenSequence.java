package dev.lanewise.trainer.text.token;

/** Token ids, each in 0..V-1, by position. Safe for reading by many threads. */
public interface TokenSequence {

  /** N, the number of ids. */
  long size();

  /** V: every id is less. */
  int vocabularySize();

  /**
   * The id at position i.
   *
   * @throws IndexOutOfBoundsException when i is outside 0..N-1
   */
  int get(long i);

  /**
   * Copies ids from..from+count-1 to target[targetOffset..targetOffset+count). Allocates nothing.
   *
   * @throws IndexOutOfBoundsException when either range does not fit
   */
  void copy(long from, int count, int[] target, int targetOffset);

  /**
   * Ids in memory.
   *
   * @throws IndexOutOfBoundsException when an id is outside 0..V-1
   */
  static TokenSequence of(int[] ids, int vocabularySize) {
    return new TokenArray(ids, vocabularySize);
  }
}
