package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.PackedTranspose;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.UnpackedMatrix;
import java.util.List;

/**
 * Matrix products as one fma chain per element. A packed matrix has panels of one column; in each
 * precision it holds the rounded numbers as floats.
 */
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
    return new PackedFloats(memory, offset, size, PANEL);
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
      int column = at(packed, toRow, j);
      for (int i = 0; i < rows; i++) {
        packed.data()[column + i] = element(b, bRow + i, j);
      }
      round(packed.precision(), packed.data(), column, rows);
    }
  }

  private static void round(Precision precision, float[] x, int offset, int n) {
    if (precision == Precision.INT8) {
      for (int i = 0; i < n; i += Precision.GROUP) {
        roundGroup(x, offset + i, Math.min(Precision.GROUP, n - i));
      }
      return;
    }
    for (int i = offset; i < offset + n; i++) {
      x[i] = rounded(precision, x[i]);
    }
  }

  /** A number by itself, in any precision but {@link Precision#INT8}. */
  static float rounded(Precision precision, float x) {
    return switch (precision) {
      case BF16 -> Float.intBitsToFloat(Precision.bfloat16(x) << Short.SIZE);
      case F16 -> Float.float16ToFloat((short) Precision.float16(x));
      default -> x;
    };
  }

  private static void roundGroup(float[] x, int offset, int n) {
    float largest = 0f;
    for (int i = offset; i < offset + n; i++) {
      largest = Math.max(largest, Math.abs(x[i]));
    }
    float scale = Precision.scale(largest);
    for (int i = offset; i < offset + n; i++) {
      x[i] = Precision.multiple(x[i], scale) * scale;
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
    multiply(m, k, a, aRow, b, fromColumn, toColumn, start, c, cRow, null);
  }

  @Override
  public int scratchFloats() {
    return 0;
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
      int cRow,
      Matrix scratch) {
    for (int i = 0; i < m; i++) {
      for (int j = fromColumn; j < toColumn; j++) {
        float sum = start == null ? 0f : element(start, cRow + i, j);
        for (int p = 0; p < k; p++) {
          sum = Math.fma(element(a, aRow + i, p), element(b, p, j), sum);
        }
        c.data()[c.offset(cRow + i) + j] = sum;
      }
    }
  }

  @Override
  public void gatherColumns(int row, int rows, int k, int[] ids, PackedMatrix b, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      for (int p = 0; p < k; p++) {
        y.data()[y.offset(r) + p] = element(b, p, ids[r]);
      }
    }
  }

  private static float element(Matrix x, int i, int j) {
    return x.data()[x.offset(i) + j * x.columnStride()];
  }

  private static float element(PackedMatrix b, int i, int j) {
    if (b instanceof PackedTranspose transpose) {
      return element(transpose.matrix(), j, i);
    }
    if (b instanceof UnpackedMatrix unpacked) {
      return element(unpacked.matrix(), i, j);
    }
    PackedFloats packed = (PackedFloats) b;
    return packed.data()[at(packed, i, j)];
  }

  private static int at(PackedFloats packed, int i, int j) {
    return packed.offset() + j * packed.rows() + i;
  }
}
