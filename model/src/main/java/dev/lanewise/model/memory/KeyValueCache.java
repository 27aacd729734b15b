package dev.lanewise.model.memory;

import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.Matrix;

/**
 * The keys and values of one layer for all positions of a text so far, so that generation computes
 * each only once. Keys lie transposed, a row for each element of a head, because a query is
 * multiplied with one element of all positions at a time.
 */
public final class KeyValueCache {

  private final Heads heads;
  private final Matrix keys;
  private final Matrix values;

  /** Makes an empty cache for that many positions. */
  KeyValueCache(Heads heads, int context) {
    this.heads = heads;
    int width = heads.keyValueWidth();
    this.keys = Matrix.of(new float[Math.multiplyExact(width, context)], 0, context);
    this.values = Matrix.of(new float[Math.multiplyExact(width, context)], 0, width);
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
    System.arraycopy(
        v.data(), value, values.data(), values.offset(position) + from, heads.size());
  }
}
