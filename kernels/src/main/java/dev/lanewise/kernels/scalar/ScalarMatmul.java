package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.PackedMatrix;
import java.util.List;

/** Matrix products as one fma chain per element; a packed matrix has panels of one column. */
final class ScalarMatmul implements Matmul {

  private static final int PANEL = 1;

  @Override
  public int columnUnit() {
    return PANEL;
  }

  @Override
  public long packedFloats(PackedMatrix.Size size) {
    return PackedFloats.floats(size, PANEL);
  }

  @Override
  public PackedMatrix packedIn(float[] memory, int offset, PackedMatrix.Size size) {
    return new PackedFloats(memory, offset, size.rows(), size.columns(), PANEL);
  }

  @Override
  public List<PackedMatrix> allocate(List<PackedMatrix.Size> sizes) {
    return PackedFloats.allocate(sizes, PANEL);
  }

  @Override
  public long bytes(List<PackedMatrix.Size> sizes) {
    return PackedFloats.bytes(sizes, PANEL);
  }

  @Override
  public void pack(
      int rows, Matrix b, int bRow, PackedMatrix to, int toRow, int fromColumn, int toColumn) {
    PackedFloats packed = (PackedFloats) to;
    for (int j = fromColumn; j < toColumn; j++) {
      for (int i = 0; i < rows; i++) {
        packed.data()[at(packed, toRow + i, j)] = element(b, bRow + i, j);
      }
    }
  }

  @Override
  public void transpose(int m, int n, Matrix x, int xRow, Matrix y, int yRow, int yColumn) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        y.data()[y.offset(yRow + j) + yColumn + i] = element(x, xRow + i, j);
      }
    }
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
    for (int i = 0; i < m; i++) {
      for (int j = fromColumn; j < toColumn; j++) {
        float sum = start == null ? 0f : element(start, cRow + i, j);
        for (int p = 0; p < k; p++) {
          sum = Math.fma(element(a, aRow + i, p), packed.data()[at(packed, p, j)], sum);
        }
        c.data()[c.offset(cRow + i) + j] = sum;
      }
    }
  }

  private static float element(Matrix x, int i, int j) {
    return x.data()[x.offset(i) + j * x.columnStride()];
  }

  private static int at(PackedFloats packed, int i, int j) {
    return packed.offset() + j * packed.rows() + i;
  }
}
