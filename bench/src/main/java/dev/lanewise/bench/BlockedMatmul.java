package dev.lanewise.bench;

import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.scalar.ScalarKernels;
import java.util.List;

/**
 * The matrix product of a good textbook: plain Java, cache-blocked, its inner loop over columns
 * left to C2 to vectorize. What {@code fma} in a plain loop reaches without the Vector API. A
 * packed matrix is the matrix itself, row by row.
 */
final class BlockedMatmul implements Matmul {

  /** The block of B, 256 KiB, stays in L2. */
  private static final int K_BLOCK = 128;

  private static final int N_BLOCK = 512;

  private static final Matmul DEFINITION = ScalarKernels.create().matmul();

  /** One, so that a packed matrix takes no more room than the matrix. */
  @Override
  public int columnUnit() {
    return DEFINITION.columnUnit();
  }

  @Override
  public long packedFloats(PackedMatrix.Size size) {
    return DEFINITION.packedFloats(size);
  }

  @Override
  public PackedMatrix packedIn(float[] memory, int offset, PackedMatrix.Size size) {
    return DEFINITION.packedIn(memory, offset, size);
  }

  @Override
  public List<PackedMatrix> allocate(List<PackedMatrix.Size> sizes) {
    return DEFINITION.allocate(sizes);
  }

  @Override
  public long bytes(List<PackedMatrix.Size> sizes) {
    return DEFINITION.bytes(sizes);
  }

  @Override
  public void pack(
      int rows, Matrix b, int bRow, PackedMatrix to, int toRow, int fromColumn, int toColumn) {
    PackedFloats packed = (PackedFloats) to;
    float[] from = b.data();
    int step = b.columnStride();
    for (int i = 0; i < rows; i++) {
      int row = b.offset(bRow + i);
      int at = packed.offset() + (toRow + i) * packed.columns();
      for (int j = fromColumn; j < toColumn; j++) {
        packed.data()[at + j] = from[row + j * step];
      }
    }
  }

  @Override
  public void transpose(int m, int n, Matrix x, int xRow, Matrix y, int yRow, int yColumn) {
    DEFINITION.transpose(m, n, x, xRow, y, yRow, yColumn);
  }

  @Override
  public void multiply(
      int m,
      int k,
      Matrix a,
      int aRow,
      PackedMatrix b,
      int fromColumn,
      int toColumn,
      Matrix start,
      Matrix c,
      int cRow) {
    PackedFloats packed = (PackedFloats) b;
    float[] to = c.data();
    for (int i = 0; i < m; i++) {
      int row = c.offset(cRow + i);
      for (int j = fromColumn; j < toColumn; j++) {
        to[row + j] = start == null ? 0f : start.data()[start.offset(cRow + i) + j];
      }
    }
    product(
        m,
        toColumn - fromColumn,
        k,
        a.data(),
        a.offset(aRow),
        a.rowStride(),
        a.columnStride(),
        packed.data(),
        packed.offset() + fromColumn,
        packed.columns(),
        to,
        c.offset(cRow) + fromColumn,
        c.rowStride());
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
      int bStride,
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
          System.arraycopy(b, bOffset + (p0 + p) * bStride + j0, rows[p], 0, columns);
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

  @Override
  public int scratchFloats() {
    return 0;
  }

  /** Of floats only. */
  @Override
  public void multiply(
      int m,
      int k,
      Matrix a,
      int aRow,
      PackedMatrix b,
      int fromColumn,
      int toColumn,
      Matrix start,
      Matrix c,
      int cRow,
      Matrix scratch) {
    multiply(m, k, a, aRow, b, fromColumn, toColumn, start, c, cRow);
  }

  @Override
  public void gatherColumns(int row, int rows, int k, int[] ids, PackedMatrix b, Matrix y) {
    PackedFloats packed = (PackedFloats) b;
    for (int r = row; r < row + rows; r++) {
      for (int p = 0; p < k; p++) {
        y.data()[y.offset(r) + p] = packed.data()[packed.offset() + p * packed.columns() + ids[r]];
      }
    }
  }
}
