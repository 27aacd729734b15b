package dev.lanewise.model.memory;

import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.KeyValues;
import dev.lanewise.kernels.Precision;
import java.util.Arrays;
import java.util.List;

/**
 * What is kept of a text that goes through a model some tokens at a time: the tokens, and the keys
 * and values of each attention, so that none is computed twice. The memory grows with the text: a
 * context is often far longer than what is written in it.
 */
public final class Decoding {

  /** Positions that there is room for at first. */
  private static final int FEWEST = 256;

  private final Attention attention;
  private final List<Heads> heads;
  private final Precision precision;
  private final int context;
  private final KeyValues[] caches;
  private int[] ids = new int[0];
  private int room;
  private int length;

  Decoding(Attention attention, List<Heads> heads, Precision precision, int context) {
    this.attention = attention;
    this.heads = heads;
    this.precision = KeyValues.requireHeld(precision);
    this.context = context;
    this.caches = new KeyValues[heads.size()];
  }

  /**
   * Returns the bytes that a text takes. While a cache grows, its former arrays are there too.
   *
   * @param positions its tokens
   */
  static long bytes(
      Attention attention, List<Heads> heads, Precision precision, int positions, int context) {
    int room = room(positions, context);
    long bytes = 0;
    long largest = 0;
    for (Heads each : heads) {
      long own = attention.keyValueBytes(each, room, precision);
      bytes += own;
      largest = Math.max(largest, own);
    }
    return bytes + largest;
  }

  /** By halves, so that a token costs its copy a few times at most. */
  private static int room(int positions, int context) {
    long room = FEWEST;
    while (room < positions) {
      room += room / 2;
    }
    return (int) Math.min(room, context);
  }

  /** Returns the keys and values of a layer by its number, see {@link Blueprint#keyValueCache}. */
  public KeyValues cache(int number) {
    return caches[number];
  }

  /** Returns the tokens by their positions, those among them that a pass is at work on. */
  public int[] ids() {
    return ids;
  }

  /** Returns the tokens that have gone through the model. */
  public int length() {
    return length;
  }

  /**
   * Says how many tokens have gone through the model: more after a pass, fewer to forget the last.
   */
  public void setLength(int length) {
    this.length = length;
  }

  /** Notes the tokens that go through the model next. */
  public void append(int[] next, int from, int count) {
    reserve(length + count);
    System.arraycopy(next, from, ids, length, count);
  }

  /** Takes over the tokens of another text, keys and values with them. */
  public void copy(Decoding from) {
    length = 0;
    reserve(from.length);
    System.arraycopy(from.ids, 0, ids, 0, from.length);
    for (int i = 0; i < caches.length && from.length > 0; i++) {
      caches[i].copy(from.caches[i], from.length);
    }
    length = from.length;
  }

  private void reserve(int positions) {
    if (positions <= room) {
      return;
    }
    room = room(positions, context);
    for (int i = 0; i < caches.length; i++) {
      KeyValues larger = attention.keyValues(heads.get(i), room, precision);
      if (length > 0) {
        larger.copy(caches[i], length);
      }
      caches[i] = larger;
    }
    ids = Arrays.copyOf(ids, room);
  }
}
