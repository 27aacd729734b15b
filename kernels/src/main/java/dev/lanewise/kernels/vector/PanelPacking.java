package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Packs a matrix B of k rows and n columns, or some rows of a larger one, into panels that begin
 * {@code panelStride} floats apart. The last panel is padded with zeros.
 */
final class PanelPacking {

  private static final int COLUMNS = MatmulTile.COLUMNS;

  private PanelPacking() {}

  /** Packs B, given as k rows of n. */
  static void rows(
      int k,
      int n,
      float[] b,
      int bOffset,
      int bStride,
      float[] packed,
      int packedOffset,
      int panelStride) {
    int to = packedOffset;
    for (int j = 0; j < n; j += COLUMNS) {
      int columns = Math.min(COLUMNS, n - j);
      if (columns == COLUMNS) {
        panel(k, b, bOffset + j, bStride, packed, to);
      } else {
        for (int p = 0; p < k; p++) {
          int row = to + p * COLUMNS;
          System.arraycopy(b, bOffset + p * bStride + j, packed, row, columns);
          Arrays.fill(packed, row + columns, row + COLUMNS, 0f);
        }
      }
      to += panelStride;
    }
  }

  private static void panel(
      int k, float[] b, int bOffset, int bStride, float[] packed, int packedOffset) {
    int from = bOffset;
    for (int p = 0; p < k; p++) {
      int to = packedOffset + p * COLUMNS;
      FloatVector.fromArray(FLOATS, b, from).intoArray(packed, to);
      FloatVector.fromArray(FLOATS, b, from + L).intoArray(packed, to + L);
      from += bStride;
    }
  }

  /** Packs B, given by its transpose: n rows of k. */
  static void columns(
      int k,
      int n,
      float[] bT,
      int bOffset,
      int bStride,
      float[] packed,
      int packedOffset,
      int panelStride) {
    int to = packedOffset;
    for (int j = 0; j < n; j += COLUMNS) {
      int columns = Math.min(COLUMNS, n - j);
      int q = 0;
      for (; q <= columns - L; q += L) {
        Transpose.rows(k, bT, bOffset + (j + q) * bStride, bStride, packed, to + q, COLUMNS);
      }
      for (; q < columns; q++) {
        int from = bOffset + (j + q) * bStride;
        for (int p = 0; p < k; p++) {
          packed[to + p * COLUMNS + q] = bT[from + p];
        }
      }
      for (; q < COLUMNS; q++) {
        for (int p = 0; p < k; p++) {
          packed[to + p * COLUMNS + q] = 0f;
        }
      }
      to += panelStride;
    }
  }
}
