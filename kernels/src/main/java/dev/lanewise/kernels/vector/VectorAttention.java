package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.KeyValues;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Precision;

/**
 * Causal attention of a group of heads as products on register tiles ({@link CausalProduct}). Keys
 * and values are packed into panels once for the group; then each query head goes through in blocks
 * of rows.
 */
final class VectorAttention implements Attention {

  /** Rows of a block: many enough for tiles that are hardly slower than those of all rows. */
  static final int BLOCK = 64;

  private static final int COLUMNS = MatmulTile.COLUMNS;

  private final VectorSoftmax softmax = new VectorSoftmax();
  private final VectorMatmul matmul = new VectorMatmul();

  /** What backward needs; forward needs less. */
  @Override
  public long scratchSize(Heads heads, int time, boolean kept) {
    int size = heads.size();
    long rows = block(time);
    return (long) byRows(time, size)
        + byRows((int) rows, size)
        + (kept ? 1L : 2L) * byColumns(time, size)
        + rowLength(time) * (1 + rows * (kept ? 1 : 2));
  }

  /** Floats of T x D packed so that T is the inner dimension. */
  static int byRows(int time, int headSize) {
    return Math.ceilDiv(headSize, COLUMNS) * COLUMNS * time;
  }

  /** Floats of T x D packed so that D is the inner dimension. */
  static int byColumns(int time, int headSize) {
    return Math.ceilDiv(time, COLUMNS) * COLUMNS * headSize;
  }

  private static int block(int time) {
    return Math.min(BLOCK, time);
  }

  /** Floats from a row of scores in scratch to the next. */
  private static int rowLength(int time) {
    return CacheLine.columnStride(time);
  }

  @Override
  public void forward(
      Heads heads,
      int group,
      int row,
      int time,
      Matrix q,
      Matrix k,
      Matrix v,
      Matrix out,
      Matrix probabilities,
      int probabilitiesRow,
      Matrix scratch) {
    int size = heads.size();
    boolean kept = probabilities != null;
    float[] room = scratch.data();
    int keys = scratch.offset();
    int values = keys + byColumns(time, size);
    int perRow = values + byRows(time, size);
    int scores = perRow + rowLength(time);
    packColumns(time, size, k, row, group * size, room, keys);
    packRows(time, size, v, row, group * size, room, values);
    float[] z = kept ? probabilities.data() : room;
    int zStride = kept ? probabilities.rowStride() : rowLength(time);
    int rows = block(time);
    for (int i = 0; i < heads.group(); i++) {
      int query = (group * heads.group() + i) * size;
      for (int from = 0; from < time; from += rows) {
        int to = Math.min(time, from + rows);
        int zAt =
            kept ? probabilities.offset(probabilitiesRow + i * time) : scores - from * zStride;
        probabilities(from, to, time, size, q, row, query, room, keys, perRow, z, zAt, zStride);
        CausalProduct.rows(
            from,
            to,
            time,
            size,
            z,
            zAt,
            zStride,
            room,
            values,
            out.data(),
            out.offset(row) + query,
            out.rowStride());
      }
    }
  }

  @Override
  public void backward(
      Heads heads,
      int group,
      int row,
      int time,
      Matrix q,
      Matrix k,
      Matrix v,
      Matrix probabilities,
      int probabilitiesRow,
      Matrix dOut,
      Matrix dq,
      Matrix dk,
      Matrix dv,
      Matrix scratch) {
    int size = heads.size();
    boolean kept = probabilities != null;
    float scale = scale(size);
    float[] room = scratch.data();
    int keysByRows = scratch.offset();
    int keysByColumns = keysByRows + byRows(time, size);
    int values = keysByColumns + (kept ? 0 : byColumns(time, size));
    int queries = values + byColumns(time, size);
    int rows = block(time);
    int perRow = queries + byRows(rows, size);
    int dzStride = rowLength(time);
    int gradients = perRow + dzStride;
    int scores = gradients + rows * dzStride;
    int column = group * size;
    packRows(time, size, k, row, column, room, keysByRows);
    packColumns(time, size, v, row, column, room, values);
    if (!kept) {
      packColumns(time, size, k, row, column, room, keysByColumns);
    }
    float[] p = kept ? probabilities.data() : room;
    int pStride = kept ? probabilities.rowStride() : dzStride;
    for (int i = 0; i < heads.group(); i++) {
      int query = (group * heads.group() + i) * size;
      boolean begin = i == 0;
      for (int from = 0; from < time; from += rows) {
        int to = Math.min(time, from + rows);
        int pAt =
            kept ? probabilities.offset(probabilitiesRow + i * time) : scores - from * pStride;
        int dzAt = gradients - from * dzStride;
        if (!kept) {
          probabilities(
              from, to, time, size, q, row, query, room, keysByColumns, perRow, p, pAt, pStride);
        }
        packRows(to - from, size, dOut, row + from, query, room, queries);
        CausalProduct.columns(
            from,
            to,
            begin,
            size,
            p,
            pAt,
            pStride,
            room,
            queries,
            dv.data(),
            dv.offset(row) + column,
            dv.rowStride());
        CausalProduct.scores(
            from,
            to,
            time,
            size,
            dOut.data(),
            dOut.offset(row) + query,
            dOut.rowStride(),
            room,
            values,
            room,
            dzAt,
            dzStride);
        CausalSoftmax.backward(
            from, to, scale, p, pAt, pStride, room, dzAt, dzStride, room, perRow);
        CausalProduct.rows(
            from,
            to,
            time,
            size,
            room,
            dzAt,
            dzStride,
            room,
            keysByRows,
            dq.data(),
            dq.offset(row) + query,
            dq.rowStride());
        packRows(to - from, size, q, row + from, query, room, queries);
        CausalProduct.columns(
            from,
            to,
            begin,
            size,
            room,
            dzAt,
            dzStride,
            room,
            queries,
            dk.data(),
            dk.offset(row) + column,
            dk.rowStride());
      }
    }
  }

  /** Some rows of the probabilities of one query head. */
  private static void probabilities(
      int from,
      int to,
      int time,
      int size,
      Matrix q,
      int row,
      int query,
      float[] room,
      int keys,
      int perRow,
      float[] z,
      int zOffset,
      int zStride) {
    CausalProduct.scores(
        from,
        to,
        time,
        size,
        q.data(),
        q.offset(row) + query,
        q.rowStride(),
        room,
        keys,
        z,
        zOffset,
        zStride);
    CausalSoftmax.forward(from, to, time, scale(size), z, zOffset, zStride, room, perRow);
  }

  private static void packRows(
      int rows, int size, Matrix x, int row, int column, float[] room, int at) {
    int from = x.offset(row) + column;
    PanelPacking.rows(rows, size, x.data(), from, x.rowStride(), room, at, rows * COLUMNS);
  }

  private static void packColumns(
      int rows, int size, Matrix x, int row, int column, float[] room, int at) {
    PanelPacking.columns(
        size, rows, x.data(), x.offset(row) + column, x.rowStride(), room, at, size * COLUMNS);
  }

  static float scale(int size) {
    return 1f / (float) Math.sqrt(size);
  }

  @Override
  public KeyValues keyValues(Heads heads, int positions, Precision precision) {
    return new KeyValues(heads, positions, precision, matmul::allocate);
  }

  @Override
  public long keyValueBytes(Heads heads, int positions, Precision precision) {
    return KeyValues.bytes(heads, positions, precision, matmul::bytes);
  }

  @Override
  public void append(
      Heads heads, int group, int row, int rows, Matrix k, Matrix v, KeyValues text, int position) {
    TextAttention.append(heads.size(), group, row, rows, k, v, text, position);
  }

  @Override
  public long extendScratch(Heads heads, int rows, int positions, Precision precision) {
    return TextAttention.scratchSize(heads, rows, positions, precision);
  }

  @Override
  public void extend(
      Heads heads,
      int fromHead,
      int toHead,
      int row,
      int rows,
      Matrix q,
      KeyValues text,
      int position,
      Matrix out,
      Matrix scratch) {
    if (rows == 1) {
      TextAttention.extendByOne(
          softmax, heads, fromHead, toHead, row, q, text, position + 1, out, scratch);
    } else {
      TextAttention.extend(heads, fromHead, toHead, row, rows, q, text, position, out, scratch);
    }
  }
}
