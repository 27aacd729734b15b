package dev.lanewise.bench;

import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.scalar.ScalarKernels;

/**
 * The matrix product of a good textbook: plain Java, cache-blocked, its inner loop over columns
 * left to C2 to vectorize. What {@code fma} in a plain loop reaches without the Vector API.
 *
 * <p>Only for whole products: a packed matrix is the matrix itself, row by row, and no sequence of
 * panels, so that a part of it is not a packed matrix as {@link Matmul} promises.
 */
final class BlockedMatmul implements Matmul {

  /** The block of B, 256 KiB, stays in L2. */
  private static final int K_BLOCK = 128;

  private static final int N_BLOCK = 512;

  private static final Matmul DEFINITION = ScalarKernels.create().matmul();

  /** One, so that a packed matrix takes no more room than the matrix. */
  @Override
  public int panelWidth() {
    return 1;
  }

  @Override
  public void pack(
      int k, int n, float[] b, int bOffset, int bStride, float[] packed, int packedOffset) {
    for (int p = 0; p < k; p++) {
      System.arraycopy(b, bOffset + p * bStride, packed, packedOffset + p * n, n);
    }
  }

  @Override
  public void packTransposed(
      int k, int n, float[] bT, int bOffset, int bStride, float[] packed, int packedOffset) {
    for (int j = 0; j < n; j++) {
      for (int p = 0; p < k; p++) {
        packed[packedOffset + p * n + j] = bT[bOffset + j * bStride + p];
      }
    }
  }

  @Override
  public void transpose(
      int m, int n, float[] x, int xOffset, int xStride, float[] y, int yOffset, int yStride) {
    DEFINITION.transpose(m, n, x, xOffset, xStride, y, yOffset, yStride);
  }

  @Override
  public void multiply(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      float[] packed,
      int packedOffset,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    begin(m, n, start, startOffset, startStride, c, cOffset, cStride);
    product(m, n, k, a, aOffset, aStride, 1, packed, packedOffset, c, cOffset, cStride);
  }

  @Override
  public void multiplyTransposed(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aStride,
      float[] packed,
      int packedOffset,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    begin(m, n, start, startOffset, startStride, c, cOffset, cStride);
    product(m, n, k, a, aOffset, 1, aStride, packed, packedOffset, c, cOffset, cStride);
  }

  private static void begin(
      int m,
      int n,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        c[cOffset + i * cStride + j] =
            start == null ? 0f : start[startOffset + i * startStride + j];
      }
    }
  }

  /** Element (i, p) of A is at {@code i * aRow + p * aStep}. */
  private static void product(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aRow,
      int aStep,
      float[] b,
      int bOffset,
      float[] c,
      int cOffset,
      int cStride) {
    float[][] rows = new float[K_BLOCK][N_BLOCK];
    float[] sums = new float[N_BLOCK];
    for (int p0 = 0; p0 < k; p0 += K_BLOCK) {
      int depth = Math.min(K_BLOCK, k - p0);
      for (int j0 = 0; j0 < n; j0 += N_BLOCK) {
        int columns = Math.min(N_BLOCK, n - j0);
        for (int p = 0; p < depth; p++) {
          System.arraycopy(b, bOffset + (p0 + p) * n + j0, rows[p], 0, columns);
        }
        for (int i = 0; i < m; i++) {
          int row = cOffset + i * cStride + j0;
          System.arraycopy(c, row, sums, 0, columns);
          for (int p = 0; p < depth; p++) {
            addRow(columns, a[aOffset + i * aRow + (p0 + p) * aStep], rows[p], sums);
          }
          System.arraycopy(sums, 0, c, row, columns);
        }
      }
    }
  }

  private static void addRow(int n, float x, float[] b, float[] sums) {
    for (int j = 0; j < n; j++) {
      sums[j] = Math.fma(x, b[j], sums[j]);
    }
  }
}
