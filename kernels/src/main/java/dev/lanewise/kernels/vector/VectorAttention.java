package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * Causal attention of one head as products on register tiles. Keys and values are packed into
 * panels once per call; only tiles that touch the causal half are computed.
 *
 * <p>A tile of scores may reach past the diagonal within its panel; nothing reads what it leaves
 * there.
 *
 * <p>Softmax takes all rows through one operation after another instead of one row through all: a
 * row is short, each operation waits for the one before, and rows do not wait for each other.
 */
final class VectorAttention implements Attention {

  private static final int COLUMNS = MatmulTile.COLUMNS;
  private static final int ROWS = MatmulTile4.ROWS;

  private final VectorSoftmax softmax = new VectorSoftmax();

  @Override
  public int scratchSize(int time, int headSize) {
    return time * time + packedSize(time, headSize);
  }

  /** Room for T × D packed by either side. */
  private static int packedSize(int time, int headSize) {
    int byColumns = Math.ceilDiv(headSize, COLUMNS) * COLUMNS * time;
    int byRows = Math.ceilDiv(time, COLUMNS) * COLUMNS * headSize;
    return Math.max(byColumns, byRows);
  }

  @Override
  public void forward(
      int time,
      int headSize,
      float[] qkv,
      int qOffset,
      int kOffset,
      int vOffset,
      int qkvStride,
      float[] out,
      int outOffset,
      int outStride,
      float[] probabilities,
      int probabilitiesOffset,
      float[] scratch,
      int scratchOffset) {
    float scale = 1f / (float) Math.sqrt(headSize);
    VectorMatmul.packColumns(headSize, time, qkv, kOffset, qkvStride, scratch, scratchOffset);
    lowerTriangle(
        time,
        headSize,
        qkv,
        qOffset,
        qkvStride,
        scratch,
        scratchOffset,
        probabilities,
        probabilitiesOffset);
    causalSoftmax(time, scale, probabilities, probabilitiesOffset, scratch, scratchOffset);
    VectorMatmul.packRows(time, headSize, qkv, vOffset, qkvStride, scratch, scratchOffset);
    causalRows(
        time,
        headSize,
        probabilities,
        probabilitiesOffset,
        scratch,
        scratchOffset,
        out,
        outOffset,
        outStride);
  }

  @Override
  public void backward(
      int time,
      int headSize,
      float[] qkv,
      int qOffset,
      int kOffset,
      int vOffset,
      int qkvStride,
      float[] probabilities,
      int probabilitiesOffset,
      float[] dOut,
      int dOutOffset,
      int dOutStride,
      float[] dqkv,
      int dqOffset,
      int dkOffset,
      int dvOffset,
      float[] scratch,
      int scratchOffset) {
    float scale = 1f / (float) Math.sqrt(headSize);
    int packed = scratchOffset + time * time;
    VectorMatmul.packRows(time, headSize, dOut, dOutOffset, dOutStride, scratch, packed);
    causalColumns(
        time,
        headSize,
        probabilities,
        probabilitiesOffset,
        scratch,
        packed,
        dqkv,
        dvOffset,
        qkvStride);
    VectorMatmul.packColumns(headSize, time, qkv, vOffset, qkvStride, scratch, packed);
    lowerTriangle(
        time, headSize, dOut, dOutOffset, dOutStride, scratch, packed, scratch, scratchOffset);
    causalSoftmaxBackward(
        time, scale, probabilities, probabilitiesOffset, scratch, scratchOffset, packed);
    VectorMatmul.packRows(time, headSize, qkv, kOffset, qkvStride, scratch, packed);
    causalRows(time, headSize, scratch, scratchOffset, scratch, packed, dqkv, dqOffset, qkvStride);
    VectorMatmul.packRows(time, headSize, qkv, qOffset, qkvStride, scratch, packed);
    causalColumns(
        time, headSize, scratch, scratchOffset, scratch, packed, dqkv, dkOffset, qkvStride);
  }

  @Override
  public void last(
      int time,
      int headSize,
      float[] query,
      int queryOffset,
      float[] keys,
      int keysOffset,
      int keyStride,
      float[] values,
      int valuesOffset,
      int valueStride,
      float[] out,
      int outOffset,
      float[] scratch,
      int scratchOffset) {
    float scale = 1f / (float) Math.sqrt(headSize);
    rowTimesMatrix(
        headSize, time, query, queryOffset, keys, keysOffset, keyStride, scratch, scratchOffset);
    softmax.forward(1, time, scale, scratch, scratchOffset, time, scratch, scratchOffset, time);
    rowTimesMatrix(
        time, headSize, scratch, scratchOffset, values, valuesOffset, valueStride, out, outOffset);
  }

  /**
   * Softmax of the first t + 1 elements of each row t, in place. Rows are padded to whole lane
   * sums, so that hardly a vector is masked: first with an element of the row, which leaves the
   * maximum as it is (and not with -∞, because results that underflow are slow), then with 0 for
   * the sum.
   *
   * @param row room for a number per row
   */
  private static void causalSoftmax(
      int time, float scale, float[] z, int zOffset, float[] row, int rowOffset) {
    for (int t = 0; t < time; t++) {
      int at = zOffset + t * time;
      pad(z[at], t + 1, padded(t, time), z, at);
    }
    for (int t = 0; t < time; t++) {
      row[rowOffset + t] = VectorSoftmax.max(padded(t, time), scale, z, zOffset + t * time);
    }
    for (int t = 0; t < time; t++) {
      int at = zOffset + t * time;
      VectorSoftmax.exponentials(padded(t, time), scale, row[rowOffset + t], z, at, z, at);
    }
    for (int t = 0; t < time; t++) {
      pad(0f, t + 1, padded(t, time), z, zOffset + t * time);
    }
    for (int t = 0; t < time; t++) {
      row[rowOffset + t] = VectorLanes.sum(padded(t, time), z, zOffset + t * time);
    }
    for (int t = 0; t < time; t++) {
      int at = zOffset + t * time;
      VectorElementwise.multiply(padded(t, time), 1f / row[rowOffset + t], z, at, z, at);
    }
  }

  private static int padded(int t, int time) {
    return Math.min(time, (t + Lanes.COUNT) / Lanes.COUNT * Lanes.COUNT);
  }

  /** Sets x[from..to) to a value. */
  private static void pad(float value, int from, int to, float[] x, int xOffset) {
    int i = from / L * L;
    for (; i <= to - L; i += L) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i);
      v.blend(value, FLOATS.indexInRange(i, from).not()).intoArray(x, xOffset + i);
    }
    for (i = Math.max(i, from); i < to; i++) {
      x[xOffset + i] = value;
    }
  }

  /**
   * Softmax's gradient for the first t + 1 elements of each row t: dz from dp, in place.
   *
   * @param rowOffset room for a number per row, in dz's array
   */
  private static void causalSoftmaxBackward(
      int time, float scale, float[] p, int pOffset, float[] dz, int dzOffset, int rowOffset) {
    for (int t = 0; t < time; t++) {
      int at = t * time;
      dz[rowOffset + t] = VectorLanes.dot(t + 1, p, pOffset + at, dz, dzOffset + at);
    }
    for (int t = 0; t < time; t++) {
      int at = t * time;
      float dot = dz[rowOffset + t];
      VectorSoftmax.backwardRow(
          t + 1, scale, dot, p, pOffset + at, dz, dzOffset + at, dz, dzOffset + at);
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

  /** z(t, s) = a(t) · b(s) at least for s ≤ t, with b packed by columns; z is T × T. */
  private static void lowerTriangle(
      int time,
      int headSize,
      float[] a,
      int aOffset,
      int aStride,
      float[] packed,
      int packedOffset,
      float[] z,
      int zOffset) {
    for (int s = 0; s < time; s += COLUMNS) {
      int columns = Math.min(COLUMNS, time - s);
      int panel = packedOffset + s * headSize;
      int tall = columns == COLUMNS ? s + VectorMatmul.tallRows(time - s) : s;
      int whole = columns == COLUMNS ? time - (time - tall) % ROWS : s;
      for (int t = s; t < tall; t += MatmulTile6.ROWS) {
        MatmulTile6.rows(
            headSize,
            a,
            aOffset + t * aStride,
            aStride,
            packed,
            panel,
            null,
            0,
            0,
            z,
            zOffset + t * time + s,
            time);
      }
      for (int t = tall; t < whole; t += ROWS) {
        MatmulTile4.rows(
            headSize,
            a,
            aOffset + t * aStride,
            aStride,
            packed,
            panel,
            null,
            0,
            0,
            z,
            zOffset + t * time + s,
            time);
      }
      for (int t = whole; t < time; t++) {
        MatmulTile.edge(
            columns,
            headSize,
            a,
            aOffset + t * aStride,
            1,
            packed,
            panel,
            null,
            0,
            z,
            zOffset + t * time + s);
      }
    }
  }

  /** c(t) = Σ a(t, s) b(s) over s ≤ t, with A T × T and b packed by rows. */
  private static void causalRows(
      int time,
      int headSize,
      float[] a,
      int aOffset,
      float[] packed,
      int packedOffset,
      float[] c,
      int cOffset,
      int cStride) {
    for (int j = 0; j < headSize; j += COLUMNS) {
      int columns = Math.min(COLUMNS, headSize - j);
      int panel = packedOffset + j * time;
      int whole = columns == COLUMNS ? time - time % ROWS : 0;
      for (int t = 0; t < whole; t += ROWS) {
        CausalTile.rows(
            t, a, aOffset + t * time, time, packed, panel, c, cOffset + t * cStride + j, cStride);
      }
      for (int t = whole; t < time; t++) {
        MatmulTile.edge(
            columns,
            t + 1,
            a,
            aOffset + t * time,
            1,
            packed,
            panel,
            null,
            0,
            c,
            cOffset + t * cStride + j);
      }
    }
  }

  /** c(s) = Σ a(t, s) b(t) over t ≥ s, with A T × T and b packed by rows. */
  private static void causalColumns(
      int time,
      int headSize,
      float[] a,
      int aOffset,
      float[] packed,
      int packedOffset,
      float[] c,
      int cOffset,
      int cStride) {
    for (int j = 0; j < headSize; j += COLUMNS) {
      int columns = Math.min(COLUMNS, headSize - j);
      int panel = packedOffset + j * time;
      int whole = columns == COLUMNS ? time - time % ROWS : 0;
      for (int s = 0; s < whole; s += ROWS) {
        CausalTile.columns(
            time - s,
            a,
            aOffset + s * time + s,
            time,
            packed,
            panel + s * COLUMNS,
            c,
            cOffset + s * cStride + j,
            cStride);
      }
      for (int s = whole; s < time; s++) {
        MatmulTile.edge(
            columns,
            time - s,
            a,
            aOffset + s * time + s,
            time,
            packed,
            panel + s * COLUMNS,
            null,
            0,
            c,
            cOffset + s * cStride + j);
      }
    }
  }
}
