package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.Matrix;
import jdk.incubator.vector.FloatVector;

/**
 * Causal attention of a group of heads as products on register tiles ({@link CausalProduct}). Keys
 * and values are packed into panels once for the group; then each query head goes through in one
 * piece if its probabilities are kept, otherwise in blocks of rows.
 */
final class VectorAttention implements Attention {

  /** Rows of a block: many enough for tiles that are hardly slower than those of all rows. */
  private static final int BLOCK = 64;

  private static final int COLUMNS = MatmulTile.COLUMNS;

  private final VectorSoftmax softmax = new VectorSoftmax();

  /** What backward needs; forward needs less. */
  @Override
  public long scratchSize(Heads heads, int time, boolean kept) {
    int size = heads.size();
    long rows = block(time, kept);
    return (long) byRows(time, size)
        + byRows((int) rows, size)
        + (kept ? 1L : 2L) * byColumns(time, size)
        + rowLength(time) * (1 + rows * (kept ? 1 : 2));
  }

  /** Floats of T x D packed so that T is the inner dimension. */
  private static int byRows(int time, int headSize) {
    return Math.ceilDiv(headSize, COLUMNS) * COLUMNS * time;
  }

  /** Floats of T x D packed so that D is the inner dimension. */
  private static int byColumns(int time, int headSize) {
    return Math.ceilDiv(time, COLUMNS) * COLUMNS * headSize;
  }

  private static int block(int time, boolean kept) {
    return kept ? time : Math.min(BLOCK, time);
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
    int rows = block(time, kept);
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
    int rows = block(time, kept);
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
    PanelPacking.rows(
        rows, size, x.data(), x.offset(row) + column, x.rowStride(), room, at, rows * COLUMNS);
  }

  private static void packColumns(
      int rows, int size, Matrix x, int row, int column, float[] room, int at) {
    PanelPacking.columns(
        size, rows, x.data(), x.offset(row) + column, x.rowStride(), room, at, size * COLUMNS);
  }

  private static float scale(int size) {
    return 1f / (float) Math.sqrt(size);
  }

  @Override
  public void decode(
      Heads heads,
      int group,
      int positions,
      Matrix q,
      Matrix keys,
      Matrix values,
      Matrix out,
      Matrix scratch) {
    int size = heads.size();
    float scale = scale(size);
    float[] p = scratch.data();
    for (int h = group * heads.group(); h < (group + 1) * heads.group(); h++) {
      int at = scratch.offset(h);
      rowTimesMatrix(
          size,
          positions,
          q.data(),
          q.offset() + h * size,
          keys.data(),
          keys.offset(group * size),
          keys.rowStride(),
          p,
          at);
      softmax.forward(1, positions, scale, p, at, positions, p, at, positions);
      rowTimesMatrix(
          positions,
          size,
          p,
          at,
          values.data(),
          values.offset() + group * size,
          values.rowStride(),
          out.data(),
          out.offset() + h * size);
    }
  }

  /** c = a B for one row a of k and B, k rows of n, as it lies. */
  private static void rowTimesMatrix(
      int k,
      int n,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      int bStride,
      float[] c,
      int cOffset) {
    int j = 0;
    for (; j <= n - 2 * L; j += 2 * L) {
      FloatVector left = FloatVector.zero(FLOATS);
      FloatVector right = left;
      int row = bOffset + j;
      for (int p = 0; p < k; p++) {
        FloatVector x = FloatVector.broadcast(FLOATS, a[aOffset + p]);
        left = x.fma(FloatVector.fromArray(FLOATS, b, row), left);
        right = x.fma(FloatVector.fromArray(FLOATS, b, row + L), right);
        row += bStride;
      }
      left.intoArray(c, cOffset + j);
      right.intoArray(c, cOffset + j + L);
    }
    for (; j < n; j++) {
      float sum = 0f;
      for (int p = 0; p < k; p++) {
        sum = Math.fma(a[aOffset + p], b[bOffset + p * bStride + j], sum);
      }
      c[cOffset + j] = sum;
    }
  }
}
