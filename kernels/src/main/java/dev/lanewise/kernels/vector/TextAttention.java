package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.KeyValues;
import dev.lanewise.kernels.Lanes;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.PackedInts;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.Precision;

/**
 * Attention of positions that go on with a text, to whose keys and values they are appended. One
 * position reads all of these for little work, so it waits for memory: numbers of BF16 are widened
 * in registers. Several positions share their keys and values, which are then widened once.
 */
final class TextAttention {

  /** Floats of scores that stay in L2 while rows extend a text, and the fewest rows even so. */
  private static final int CACHED_SCORES = 1 << 17;

  private static final int FEWEST_EXTENDED = 16;

  private static final int COLUMNS = MatmulTile.COLUMNS;

  private TextAttention() {}

  /** As {@link Attention#append}. */
  static void append(
      int size, int group, int row, int rows, Matrix k, Matrix v, KeyValues text, int position) {
    int key = k.offset(row) + group * size;
    int value = v.offset(row) + group * size;
    if (text.keys(group) instanceof PackedFloats keys) {
      PackedFloats values = (PackedFloats) text.values(group);
      appendKeys(rows, size, k, key, keys, position);
      appendValues(rows, size, v, value, values, position);
    } else {
      PackedInts keys = (PackedInts) text.keys(group);
      PackedInts values = (PackedInts) text.values(group);
      appendKeys(rows, size, k, key, keys, position);
      appendValues(rows, size, v, value, values, position);
    }
  }

  private static void appendKeys(
      int rows, int size, Matrix k, int from, PackedFloats keys, int position) {
    for (int r = 0; r < rows; r++) {
      int key = from + r * k.rowStride();
      int panel = (position + r) / COLUMNS * COLUMNS;
      int to = keys.offset() + panel * size + position + r - panel;
      for (int d = 0; d < size; d++) {
        keys.data()[to + d * COLUMNS] = k.data()[key + d];
      }
    }
  }

  private static void appendValues(
      int rows, int size, Matrix v, int from, PackedFloats values, int position) {
    int to = values.offset() + position * COLUMNS;
    int panelStride = values.rows() * COLUMNS;
    PanelPacking.rows(rows, size, v.data(), from, v.rowStride(), values.data(), to, panelStride);
  }

  private static void appendKeys(
      int rows, int size, Matrix k, int from, PackedInts keys, int position) {
    for (int r = 0; r < rows; r++) {
      IntPacking.setColumn(size, k.data(), from + r * k.rowStride(), keys, position + r);
    }
  }

  private static void appendValues(
      int rows, int size, Matrix v, int from, PackedInts values, int position) {
    int to = values.offset() + position * (COLUMNS / 2);
    for (int d = 0; d < size; d += COLUMNS) {
      int columns = Math.min(COLUMNS, size - d);
      IntPacking.halves(values.precision(), rows, columns, v, from + d, values.data(), to);
      to += values.panelInts();
    }
  }

  /** As {@link Attention#extendScratch}: also for fewer rows, and for shorter texts. */
  static long scratchSize(Heads heads, int rows, int positions, Precision precision) {
    boolean floats = precision == Precision.F32;
    long row = 1L + scoreStride(positions);
    long one =
        heads.group() * row + (floats ? 0 : CacheLine.FLOATS + PackingMatmul.SCRATCH_BY_ROWS);
    if (rows == 1) {
      return one;
    }
    long most = Math.min(rows, VectorAttention.BLOCK);
    // A shorter text has more rows at a time, up to what is to stay in cache.
    long several =
        Math.max(Math.min(rows, FEWEST_EXTENDED) * row, Math.min(most * row, CACHED_SCORES + most));
    return Math.max(one, several + (floats ? 0 : widenedFloats(heads.size(), positions)));
  }

  /** Floats of a head's keys and values, and what it takes to begin at a cache line. */
  private static long widenedFloats(int headSize, int positions) {
    return (long) CacheLine.FLOATS
        + VectorAttention.byColumns(positions, headSize)
        + VectorAttention.byRows(positions, headSize);
  }

  /** Whole lane sums, see {@link CausalSoftmax}, and whole panels. */
  private static int scoreStride(int positions) {
    int columns = Math.ceilDiv(positions, Lanes.COUNT) * Lanes.COUNT;
    return CacheLine.columnStride(columns);
  }

  /** As many rows at a time as leave their scores in cache. */
  private static int extendedRows(int rows, long stride) {
    long fitting = CACHED_SCORES / stride / MatmulTile4.ROWS * MatmulTile4.ROWS;
    return Math.min(rows, Math.clamp(fitting, FEWEST_EXTENDED, VectorAttention.BLOCK));
  }

  /** As {@link Attention#extend}, of several rows. */
  static void extend(
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
    int size = heads.size();
    int end = position + rows;
    float[] room = scratch.data();
    boolean widens = text.precision() != Precision.F32;
    int widenedKeys = (int) CacheLine.start(scratch.offset());
    int widenedValues = widenedKeys + VectorAttention.byColumns(end, size);
    int free = widens ? widenedValues + VectorAttention.byRows(end, size) : scratch.offset();
    for (int h = fromHead; h < toHead; h++) {
      int group = h / heads.group();
      if (widens) {
        if (h == fromHead || h % heads.group() == 0) {
          widen(size, end, (PackedInts) text.keys(group), room, widenedKeys);
          widen(end, size, (PackedInts) text.values(group), room, widenedValues);
        }
        extendHead(
            h,
            size,
            row,
            rows,
            q,
            room,
            widenedKeys,
            room,
            widenedValues,
            end,
            position,
            out,
            room,
            free);
      } else {
        PackedFloats keys = (PackedFloats) text.keys(group);
        PackedFloats values = (PackedFloats) text.values(group);
        extendHead(
            h,
            size,
            row,
            rows,
            q,
            keys.data(),
            keys.offset(),
            values.data(),
            values.offset(),
            values.rows(),
            position,
            out,
            room,
            free);
      }
    }
  }

  /** Widens a part of a matrix to panels of floats, with as many rows each. */
  private static void widen(int rows, int columns, PackedInts from, float[] to, int offset) {
    int at = offset;
    for (int q = 0; q * COLUMNS < columns; q++) {
      int panel = from.offset() + q * from.panelInts();
      Bfloat16Panel.widen(0, rows, from.data(), panel, to, at);
      at += rows * COLUMNS;
    }
  }

  /**
   * Some rows of one head, by keys and values in floats.
   *
   * @param valueRows rows of a panel of values
   * @param free where scratch is free
   */
  private static void extendHead(
      int head,
      int size,
      int row,
      int rows,
      Matrix q,
      float[] keys,
      int keysOffset,
      float[] values,
      int valuesOffset,
      int valueRows,
      int position,
      Matrix out,
      float[] room,
      int free) {
    int end = position + rows;
    int zStride = scoreStride(end);
    int step = extendedRows(rows, zStride);
    int at = (row - position) * q.rowStride() + q.offset() + head * size;
    int to = (row - position) * out.rowStride() + out.offset() + head * size;
    for (int t = position; t < end; t += step) {
      int tEnd = Math.min(end, t + step);
      int z = free + step - t * zStride;
      CausalProduct.scores(
          t, tEnd, zStride, size, q.data(), at, q.rowStride(), keys, keysOffset, room, z, zStride);
      CausalSoftmax.forward(
          t, tEnd, zStride, VectorAttention.scale(size), room, z, zStride, room, free);
      CausalProduct.rows(
          t,
          tEnd,
          valueRows,
          size,
          room,
          z,
          zStride,
          values,
          valuesOffset,
          out.data(),
          to,
          out.rowStride());
    }
  }

  /** One position: the heads of a group are rows of one product, which reads its keys once. */
  static void extendByOne(
      VectorSoftmax softmax,
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
    float[] room = scratch.data();
    int widened = (int) CacheLine.start(scratch.offset());
    boolean widens = text.precision() != Precision.F32;
    int z = widens ? widened + PackingMatmul.SCRATCH_BY_ROWS : scratch.offset();
    for (int h = fromHead; h < toHead; ) {
      int group = h / heads.group();
      int together = Math.min(toHead, (group + 1) * heads.group()) - h;
      PackedMatrix keys = text.keys(group);
      PackedMatrix values = text.values(group);
      int from = q.offset(row) + h * size;
      int to = out.offset(row) + h * size;
      product(
          together, positions, size, q.data(), from, size, keys, room, z, stride, room, widened);
      softmax.forward(
          together, positions, VectorAttention.scale(size), room, z, stride, room, z, stride);
      product(
          together, size, positions, room, z, stride, values, out.data(), to, size, room, widened);
      h += together;
    }
  }

  /** The first n columns of a product with a matrix in either precision. */
  private static void product(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aRow,
      PackedMatrix b,
      float[] c,
      int cOffset,
      int cStride,
      float[] room,
      int widened) {
    if (b instanceof PackedInts ints) {
      IntMatmul.product(
          m, n, k, a, aOffset, aRow, 1, ints, 0, null, 0, 0, c, cOffset, cStride, room, widened);
      return;
    }
    PackedFloats floats = (PackedFloats) b;
    MatmulBlocks.product(
        m,
        n,
        k,
        a,
        aOffset,
        aRow,
        1,
        floats.data(),
        floats.offset(),
        floats.rows() * COLUMNS,
        null,
        0,
        0,
        c,
        cOffset,
        cStride);
  }
}
