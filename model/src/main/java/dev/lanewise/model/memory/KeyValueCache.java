package dev.lanewise.model.memory;

import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.Matrix;

/**
 * The keys and values of one layer for all positions of a text so far, so that generation computes
 * each only once. Keys lie transposed, a row for each element of a head, because a query is
 * multiplied with one element of all positions at a time.
 */
public final class KeyValueCache {

  private final Heads heads;
  private Matrix keys = Matrix.of(new float[0], 0, 0);
  private Matrix values = keys;

  /** Makes a cache without room. */
  KeyValueCache(Heads heads) {
    this.heads = heads;
  }

  /** Returns the floats of a cache for that many positions. */
  static long floats(Heads heads, int positions) {
    return (long) heads.keyValueWidth() * (CacheLine.columnStride(positions) + positions);
  }

  /** Makes room for that many positions, not fewer than before. What is stored stays. */
  void grow(int positions) {
    int width = heads.keyValueWidth();
    int stride = CacheLine.columnStride(positions);
    Matrix longer = Matrix.of(new float[Math.multiplyExact(width, stride)], 0, positions, stride);
    for (int row = 0; row < width; row++) {
      System.arraycopy(
          keys.data(), keys.offset(row), longer.data(), longer.offset(row), keys.columns());
    }
    keys = longer;
    Matrix more = Matrix.of(new float[Math.multiplyExact(width, positions)], 0, width);
    System.arraycopy(values.data(), 0, more.data(), 0, values.data().length);
    values = more;
  }

  /** Returns the keys: row {@code g D + d} holds element d of key head g for every position. */
  public Matrix keys() {
    return keys;
  }

  /** Returns the values: a row for each position. */
  public Matrix values() {
    return values;
  }

  /** Stores one head's key and value of a position, from rows of all keys and of all values. */
  public void put(int position, int head, Matrix k, Matrix v, int row) {
    int from = head * heads.size();
    int key = k.offset(row) + from;
    for (int d = 0; d < heads.size(); d++) {
      keys.data()[keys.offset(from + d) + position] = k.data()[key + d];
    }
    int value = v.offset(row) + from;
    System.arraycopy(v.data(), value, values.data(), values.offset(position) + from, heads.size());
  }
}
