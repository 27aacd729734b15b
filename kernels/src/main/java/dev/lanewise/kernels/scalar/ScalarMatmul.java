package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Matmul;

/** Matrix products as one fma chain per element; a packed matrix has panels of one column. */
final class ScalarMatmul implements Matmul {

  @Override
  public int panelWidth() {
    return 1;
  }

  @Override
  public void pack(
      int k, int n, float[] b, int bOffset, int bStride, float[] packed, int packedOffset) {
    for (int j = 0; j < n; j++) {
      for (int p = 0; p < k; p++) {
        packed[packedOffset + j * k + p] = b[bOffset + p * bStride + j];
      }
    }
  }

  @Override
  public void packTransposed(
      int k, int n, float[] bT, int bOffset, int bStride, float[] packed, int packedOffset) {
    for (int j = 0; j < n; j++) {
      System.arraycopy(bT, bOffset + j * bStride, packed, packedOffset + j * k, k);
    }
  }

  @Override
  public void transpose(
      int m, int n, float[] x, int xOffset, int xStride, float[] y, int yOffset, int yStride) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        y[yOffset + j * yStride + i] = x[xOffset + i * xStride + j];
      }
    }
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
    product(
        m,
        n,
        k,
        a,
        aOffset,
        aStride,
        1,
        packed,
        packedOffset,
        start,
        startOffset,
        startStride,
        c,
        cOffset,
        cStride);
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
    product(
        m,
        n,
        k,
        a,
        aOffset,
        1,
        aStride,
        packed,
        packedOffset,
        start,
        startOffset,
        startStride,
        c,
        cOffset,
        cStride);
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
      float[] packed,
      int packedOffset,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = start == null ? 0f : start[startOffset + i * startStride + j];
        for (int p = 0; p < k; p++) {
          sum = Math.fma(a[aOffset + i * aRow + p * aStep], packed[packedOffset + j * k + p], sum);
        }
        c[cOffset + i * cStride + j] = sum;
      }
    }
  }
}
