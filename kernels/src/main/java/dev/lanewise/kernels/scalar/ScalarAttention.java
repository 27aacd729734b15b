package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.KeyValues;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.Softmax;
import java.util.Arrays;

/**
 * Causal attention, one query at a time. Backward adds what a query gives to the gradients of keys
 * and values as it comes to it: that is the order of their chains.
 */
final class ScalarAttention implements Attention {

  /** Columns of a panel of keys and values, which are rounded floats in either precision. */
  private static final int COLUMNS = 1;

  private final Softmax softmax;

  ScalarAttention(Softmax softmax) {
    this.softmax = softmax;
  }

  /** A row of probabilities and a row of their gradient. */
  @Override
  public long scratchSize(Heads heads, int time, boolean kept) {
    return 2L * time;
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
    for (int i = 0; i < heads.group(); i++) {
      int queries = (group * heads.group() + i) * size;
      for (int t = 0; t < time; t++) {
        float[] p = probabilities == null ? scratch.data() : probabilities.data();
        int pRow =
            probabilities == null
                ? scratch.offset()
                : probabilities.offset(probabilitiesRow + i * time + t);
        probabilities(size, t, q, queries, k, group * size, row, p, pRow);
        for (int d = 0; d < size; d++) {
          float sum = 0f;
          for (int s = 0; s <= t; s++) {
            sum = Math.fma(p[pRow + s], v.data()[v.offset(row + s) + group * size + d], sum);
          }
          out.data()[out.offset(row + t) + queries + d] = sum;
        }
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
    int keys = group * size;
    clear(size, row, time, dk, keys);
    clear(size, row, time, dv, keys);
    float[] dz = scratch.data();
    int dzRow = scratch.offset() + time;
    for (int i = 0; i < heads.group(); i++) {
      int queries = (group * heads.group() + i) * size;
      for (int t = 0; t < time; t++) {
        float[] p = scratch.data();
        int pRow = scratch.offset();
        if (probabilities == null) {
          probabilities(size, t, q, queries, k, keys, row, p, pRow);
        } else {
          p = probabilities.data();
          pRow = probabilities.offset(probabilitiesRow + i * time + t);
        }
        scores(size, t, dOut, queries, v, keys, row, dz, dzRow);
        float scale = scale(size);
        softmax.backward(1, t + 1, scale, p, pRow, 0, dz, dzRow, 0, dz, dzRow, 0);
        for (int d = 0; d < size; d++) {
          float query = q.data()[q.offset(row + t) + queries + d];
          float gradient = dOut.data()[dOut.offset(row + t) + queries + d];
          float sum = 0f;
          for (int s = 0; s <= t; s++) {
            sum = Math.fma(dz[dzRow + s], k.data()[k.offset(row + s) + keys + d], sum);
            add(dz[dzRow + s], query, dk.data(), dk.offset(row + s) + keys + d);
            add(p[pRow + s], gradient, dv.data(), dv.offset(row + s) + keys + d);
          }
          dq.data()[dq.offset(row + t) + queries + d] = sum;
        }
      }
    }
  }

  @Override
  public KeyValues keyValues(Heads heads, int positions, Precision precision) {
    return new KeyValues(
        heads, positions, precision, sizes -> PackedFloats.allocate(sizes, COLUMNS));
  }

  @Override
  public long keyValueBytes(Heads heads, int positions, Precision precision) {
    return KeyValues.bytes(
        heads, positions, precision, sizes -> PackedFloats.bytes(sizes, COLUMNS));
  }

  @Override
  public void append(
      Heads heads, int group, int row, int rows, Matrix k, Matrix v, KeyValues text, int position) {
    PackedFloats keys = (PackedFloats) text.keys(group);
    PackedFloats values = (PackedFloats) text.values(group);
    for (int r = 0; r < rows; r++) {
      for (int d = 0; d < heads.size(); d++) {
        int column = group * heads.size() + d;
        float key = k.data()[k.offset(row + r) + column];
        float value = v.data()[v.offset(row + r) + column];
        keys.data()[at(keys, d, position + r)] = ScalarMatmul.rounded(text.precision(), key);
        values.data()[at(values, position + r, d)] = ScalarMatmul.rounded(text.precision(), value);
      }
    }
  }

  /** Where element (i, j) of a matrix is whose panels are single columns. */
  private static int at(PackedFloats x, int i, int j) {
    return x.offset() + j * x.rows() + i;
  }

  /** A row of probabilities. */
  @Override
  public long extendScratch(Heads heads, int rows, int positions, Precision precision) {
    return positions;
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
    int size = heads.size();
    float[] p = scratch.data();
    int pRow = scratch.offset();
    for (int h = fromHead; h < toHead; h++) {
      PackedFloats keys = (PackedFloats) text.keys(h / heads.group());
      PackedFloats values = (PackedFloats) text.values(h / heads.group());
      for (int r = 0; r < rows; r++) {
        int positions = position + r + 1;
        for (int s = 0; s < positions; s++) {
          float z = 0f;
          for (int d = 0; d < size; d++) {
            float query = q.data()[q.offset(row + r) + h * size + d];
            z = Math.fma(query, keys.data()[at(keys, d, s)], z);
          }
          p[pRow + s] = z;
        }
        softmax.forward(1, positions, scale(size), p, pRow, 0, p, pRow, 0);
        for (int d = 0; d < size; d++) {
          float sum = 0f;
          for (int s = 0; s < positions; s++) {
            sum = Math.fma(p[pRow + s], values.data()[at(values, s, d)], sum);
          }
          out.data()[out.offset(row + r) + h * size + d] = sum;
        }
      }
    }
  }

  /** Row t of the probabilities. */
  private void probabilities(
      int size, int t, Matrix q, int qColumn, Matrix k, int kColumn, int row, float[] p, int pRow) {
    scores(size, t, q, qColumn, k, kColumn, row, p, pRow);
    softmax.forward(1, t + 1, scale(size), p, pRow, 0, p, pRow, 0);
  }

  /** Products of position t of one matrix and the positions up to it of another. */
  private static void scores(
      int size, int t, Matrix a, int aColumn, Matrix b, int bColumn, int row, float[] z, int zRow) {
    for (int s = 0; s <= t; s++) {
      float sum = 0f;
      for (int d = 0; d < size; d++) {
        float x = a.data()[a.offset(row + t) + aColumn + d];
        sum = Math.fma(x, b.data()[b.offset(row + s) + bColumn + d], sum);
      }
      z[zRow + s] = sum;
    }
  }

  private static void add(float a, float b, float[] sum, int offset) {
    sum[offset] = Math.fma(a, b, sum[offset]);
  }

  private static void clear(int size, int row, int time, Matrix x, int column) {
    for (int t = 0; t < time; t++) {
      int from = x.offset(row + t) + column;
      Arrays.fill(x.data(), from, from + size, 0f);
    }
  }

  private static float scale(int size) {
    return 1f / (float) Math.sqrt(size);
  }
}
