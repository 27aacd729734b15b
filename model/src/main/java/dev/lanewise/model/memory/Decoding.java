package dev.lanewise.model.memory;

import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.Matrix;
import java.util.Arrays;
import java.util.List;

/**
 * How far a text has come that is generated token by token, and what is kept of it. The memory
 * grows with the text: a context is often far longer than what is written in it.
 */
public final class Decoding {

  /** Positions that there is room for at first. */
  private static final int FEWEST = 256;

  private final KeyValueCache[] caches;
  private final int queries;
  private final int context;
  private int[] ids = new int[0];
  private Matrix scores;
  private int room;
  private int position;

  Decoding(List<Heads> heads, int context) {
    this.caches = heads.stream().map(KeyValueCache::new).toArray(KeyValueCache[]::new);
    this.queries = queries(heads);
    this.context = context;
  }

  private static int queries(List<Heads> heads) {
    return heads.stream().mapToInt(Heads::queries).max().orElse(0);
  }

  /**
   * Returns the floats that a text takes. While a cache grows, its former arrays are there too.
   *
   * @param positions its tokens
   */
  static long floats(List<Heads> heads, int positions, int context) {
    int room = room(positions, context);
    long floats = (long) queries(heads) * room;
    long largest = 0;
    for (Heads each : heads) {
      floats += KeyValueCache.floats(each, room);
      largest = Math.max(largest, KeyValueCache.floats(each, room));
    }
    return floats + largest;
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
  public KeyValueCache cache(int number) {
    return caches[number];
  }

  /** Returns room for the attention scores of each query head. */
  public Matrix scores() {
    return scores;
  }

  /** Returns the tokens of the text by their positions, up to {@link #position}. */
  public int[] ids() {
    return ids;
  }

  /** Returns the position of the token that is being decoded. */
  public int position() {
    return position;
  }

  /**
   * Moves to a position; the tokens before it are those whose keys and values count. Not while a
   * team is at work.
   *
   * @param id of the token there
   */
  public void moveTo(int position, int id) {
    this.position = position;
    if (position >= room) {
      grow();
    }
    ids[position] = id;
  }

  private void grow() {
    room = room(position + 1, context);
    for (KeyValueCache cache : caches) {
      cache.grow(room);
    }
    ids = Arrays.copyOf(ids, room);
    scores = Matrix.of(new float[Math.multiplyExact(queries, room)], 0, room);
  }
}
