package dev.lanewise.model.memory;

import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.Matrix;
import java.util.List;

/** How far a text has come that is generated token by token, and what is kept of it. */
public final class Decoding {

  private final KeyValueCache[] caches;
  private final Matrix scores;
  private int position;

  Decoding(List<Heads> heads, int context) {
    this.caches = new KeyValueCache[heads.size()];
    int queries = 0;
    for (int i = 0; i < caches.length; i++) {
      caches[i] = new KeyValueCache(heads.get(i), context);
      queries = Math.max(queries, heads.get(i).queries());
    }
    this.scores = Matrix.of(new float[Math.multiplyExact(queries, context)], 0, context);
  }

  /** Returns the keys and values of a layer by its number, see {@link Blueprint#keyValueCache}. */
  public KeyValueCache cache(int number) {
    return caches[number];
  }

  /** Returns room for the attention scores of each query head. */
  public Matrix scores() {
    return scores;
  }

  /** Returns the position of the token that is being decoded. */
  public int position() {
    return position;
  }

  /** Moves to a position; the tokens before it are those whose keys and values count. */
  public void moveTo(int position) {
    this.position = position;
  }
}
