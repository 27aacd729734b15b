package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.KeyValues;
import dev.lanewise.kernels.Lanes;
import dev.lanewise.kernels.Matrix;

/**
 * Causal attention of a group of heads as products on register tiles ({@link CausalProduct}). Keys
 * and values are packed into panels once for the group; then each query head goes through in one
 * piece if its probabilities are kept, otherwise in blocks of rows.
 */
final class VectorAttention implements Attention {

  /** Rows of a block: many enough for tiles that are hardly slower than those of all rows. */
  private static final int BLOCK = 64;

  /** Floats of scores that stay in L2 while rows extend a text, and the fewest rows even so. */
  private static final int CACHED_SCORES = 1 << 17;

  private static final int FEWEST_EXTENDED = 16;

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
    packRows(rows, size, x, row, column, room, at, rows * COLUMNS);
  }

  private static void packRows(
      int rows, int size, Matrix x, int row, int column, float[] room, int at, int panelStride) {
    int from = x.offset(row) + column;
    PanelPacking.rows(rows, size, x.data(), from, x.rowStride(), room, at, panelStride);
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
  public KeyValues keyValues(Heads heads, int positions) {
    return new KeyValues(heads, positions, COLUMNS);
  }

  @Override
  public void append(
      Heads heads, int group, int row, int rows, Matrix k, Matrix v, KeyValues text, int position) {
    int size = heads.size();
    int column = group * size;
    for (int r = 0; r < rows; r++) {
      int key = k.offset(row + r) + column;
      int to = text.key(group, position + r);
      for (int d = 0; d < size; d++) {
        text.keys()[to + d * COLUMNS] = k.data()[key + d];
      }
    }
    int values = text.value(group, position, 0);
    packRows(rows, size, v, row, column, text.values(), values, text.valuePanel());
  }

  @Override
  public long extendScratch(Heads heads, int rows, int positions) {
    long stride = scoreStride(positions);
    return (1 + stride) * (rows == 1 ? heads.group() : extendedRows(rows, stride));
  }

  /** Whole lane sums, see {@link CausalSoftmax}, and whole panels. */
  private static int scoreStride(int positions) {
    int columns = Math.ceilDiv(positions, Lanes.COUNT) * Lanes.COUNT;
    return CacheLine.columnStride(columns);
  }

  /** As many rows at a time as leave their scores in cache. */
  private static int extendedRows(int rows, long stride) {
    long fitting = CACHED_SCORES / stride / MatmulTile4.ROWS * MatmulTile4.ROWS;
    return Math.min(rows, Math.clamp(fitting, FEWEST_EXTENDED, BLOCK));
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
      extendByOne(heads, fromHead, toHead, row, q, text, position + 1, out, scratch);
      return;
    }
    int size = heads.size();
    int end = position + rows;
    int zStride = scoreStride(end);
    int step = extendedRows(rows, zStride);
    float[] room = scratch.data();
    int scores = scratch.offset() + step;
    for (int h = fromHead; h < toHead; h++) {
      int group = h / heads.group();
      int at = (row - position) * q.rowStride() + q.offset() + h * size;
      int to = (row - position) * out.rowStride() + out.offset() + h * size;
      for (int t = position; t < end; t += step) {
        int tEnd = Math.min(end, t + step);
        int z = scores - t * zStride;
        CausalProduct.scores(
            t,
            tEnd,
            text.positions(),
            size,
            q.data(),
            at,
            q.rowStride(),
            text.keys(),
            text.keyOffset(group),
            room,
            z,
            zStride);
        CausalSoftmax.forward(
            t, tEnd, zStride, scale(size), room, z, zStride, room, scratch.offset());
        CausalProduct.rows(
            t,
            tEnd,
            text.positions(),
            size,
            room,
            z,
            zStride,
            text.values(),
            text.valueOffset(group),
            out.data(),
            to,
            out.rowStride());
      }
    }
  }

  /** One position: the heads of a group are rows of one product, which reads its keys once. */
  private void extendByOne(
      Heads heads,
      int fromHead,
      int toHead,
      int row,
      Matrix q,
      KeyValues text,
      int positions,
      Matrix out,
      Matrix scratch) {
    int size = heads.size();
    int stride = scoreStride(positions);
    float[] z = scratch.data();
    int scores = scratch.offset();
    for (int h = fromHead; h < toHead; ) {
      int group = h / heads.group();
      int together = Math.min(toHead, (group + 1) * heads.group()) - h;
      VectorMatmul.product(
          together,
          positions,
          size,
          q.data(),
          q.offset(row) + h * size,
          size,
          1,
          text.keys(),
          text.keyOffset(group),
          size * COLUMNS,
          null,
          0,
          0,
          z,
          scores,
          stride);
      softmax.forward(together, positions, scale(size), z, scores, stride, z, scores, stride);
      VectorMatmul.product(
          together,
          size,
          positions,
          z,
          scores,
          stride,
          1,
          text.values(),
          text.valueOffset(group),
          text.valuePanel(),
          null,
          0,
          0,
          out.data(),
          out.offset(row) + h * size,
          size);
      h += together;
    }
  }
}
