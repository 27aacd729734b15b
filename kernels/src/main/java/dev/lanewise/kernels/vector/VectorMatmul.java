package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.PackedInts;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.PackedTranspose;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.UnpackedMatrix;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * Matmul by {@link MatmulBlocks}, or by {@link IntMatmul}, {@link PackingMatmul} and {@link
 * UnpackedRow} where B is not panels of floats.
 */
final class VectorMatmul implements Matmul {

  private static final int COLUMNS = MatmulTile.COLUMNS;

  private static final Cold COLD_ROW = new Cold();
  private static final Cold COLD_PACKING = new Cold();

  @Override
  public int columnUnit() {
    return COLUMNS;
  }

  @Override
  public long packedFloats(PackedMatrix.Size size) {
    return PackedFloats.floats(size, COLUMNS);
  }

  @Override
  public PackedMatrix packedIn(float[] memory, int offset, PackedMatrix.Size size) {
    return new PackedFloats(memory, offset, size, COLUMNS);
  }

  @Override
  public List<PackedMatrix> allocate(List<PackedMatrix.Size> sizes) {
    List<PackedMatrix> floats = PackedFloats.allocate(sizes(sizes, true), COLUMNS);
    List<PackedMatrix> ints = PackedInts.allocate(sizes(sizes, false), COLUMNS);
    Iterator<PackedMatrix> nextFloats = floats.iterator();
    Iterator<PackedMatrix> nextInts = ints.iterator();
    return sizes.stream()
        .map(size -> size.precision() == Precision.F32 ? nextFloats.next() : nextInts.next())
        .toList();
  }

  private static List<PackedMatrix.Size> sizes(List<PackedMatrix.Size> sizes, boolean floats) {
    return sizes.stream().filter(size -> (size.precision() == Precision.F32) == floats).toList();
  }

  @Override
  public long bytes(List<PackedMatrix.Size> sizes) {
    return PackedFloats.bytes(sizes(sizes, true), COLUMNS)
        + PackedInts.bytes(sizes(sizes, false), COLUMNS);
  }

  @Override
  public void pack(
      int rows, Matrix b, int bRow, PackedMatrix to, int toRow, int fromColumn, int toColumn) {
    if (to instanceof PackedInts ints) {
      IntPacking.pack(rows, b, bRow, ints, toRow, fromColumn, toColumn);
      return;
    }
    PackedFloats packed = (PackedFloats) to;
    if (COLD_PACKING.isCold() && rows > 0 && toColumn - fromColumn > COLUMNS) {
      long begin = System.nanoTime();
      packVectors(rows, b, bRow, packed, toRow, fromColumn, fromColumn + COLUMNS);
      long middle = System.nanoTime();
      packPlainly(rows, b, bRow, packed, toRow, fromColumn + COLUMNS, toColumn);
      long plainNumbers = (long) rows * (toColumn - fromColumn - COLUMNS);
      COLD_PACKING.compare(
          middle - begin, (long) rows * COLUMNS, System.nanoTime() - middle, plainNumbers);
      return;
    }
    packVectors(rows, b, bRow, packed, toRow, fromColumn, toColumn);
  }

  private static void packPlainly(
      int rows, Matrix b, int bRow, PackedFloats packed, int toRow, int fromColumn, int toColumn) {
    float[] x = b.data();
    float[] y = packed.data();
    int step = b.columnStride();
    for (int j = fromColumn; j < toColumn; j += COLUMNS) {
      int columns = Math.min(COLUMNS, toColumn - j);
      int panel = packed.offset() + j * packed.rows() + toRow * COLUMNS;
      for (int p = 0; p < rows; p++) {
        int from = b.offset(bRow + p) + j * step;
        int at = panel + p * COLUMNS;
        for (int i = 0; i < columns; i++) {
          y[at + i] = x[from + i * step];
        }
        Arrays.fill(y, at + columns, at + COLUMNS, 0f);
      }
    }
  }

  private static void packVectors(
      int rows, Matrix b, int bRow, PackedFloats packed, int toRow, int fromColumn, int toColumn) {
    int n = toColumn - fromColumn;
    int from = b.offset(bRow) + fromColumn * b.columnStride();
    int at = packed.offset() + fromColumn * packed.rows() + toRow * COLUMNS;
    int panelStride = packed.rows() * COLUMNS;
    if (b.columnStride() == 1) {
      PanelPacking.rows(rows, n, b.data(), from, b.rowStride(), packed.data(), at, panelStride);
    } else {
      PanelPacking.columns(
          rows, n, b.data(), from, b.columnStride(), packed.data(), at, panelStride);
    }
  }

  @Override
  public void transpose(int m, int n, Matrix x, int xRow, Matrix y, int yRow, int yColumn) {
    transpose(
        m,
        n,
        x.data(),
        x.offset(xRow),
        x.rowStride(),
        y.data(),
        y.offset(yRow) + yColumn,
        y.rowStride());
  }

  private static void transpose(
      int m, int n, float[] x, int xOffset, int xStride, float[] y, int yOffset, int yStride) {
    int i = 0;
    for (; i <= m - L; i += L) {
      Transpose.rows(n, x, xOffset + i * xStride, xStride, y, yOffset + i, yStride);
    }
    for (; i < m; i++) {
      for (int j = 0; j < n; j++) {
        y[yOffset + j * yStride + i] = x[xOffset + i * xStride + j];
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
    multiply(m, k, a, aRow, (PackedFloats) b, fromColumn, toColumn, start, c, cRow, null);
  }

  private static void multiply(
      int m,
      int k,
      Matrix a,
      int aRow,
      PackedFloats packed,
      int fromColumn,
      int toColumn,
      Matrix start,
      Matrix c,
      int cRow,
      Matrix scratch) {
    if (m < MatmulTile4.ROWS && COLD_ROW.isCold() && ColdRow.isWorthIt(k, toColumn - fromColumn)) {
      for (int i = 0; i < m; i++) {
        coldRow(k, a, aRow + i, packed, fromColumn, toColumn, start, c, cRow + i);
      }
      return;
    }
    MatmulBlocks.product(
        m,
        toColumn - fromColumn,
        k,
        a.data(),
        a.offset(aRow),
        a.rowStride(),
        a.columnStride(),
        packed.data(),
        packed.offset() + fromColumn * packed.rows(),
        packed.rows() * COLUMNS,
        start == null ? null : start.data(),
        start == null ? 0 : start.offset(cRow) + fromColumn,
        start == null ? 0 : start.rowStride(),
        c.data(),
        c.offset(cRow) + fromColumn,
        c.rowStride(),
        scratch == null ? null : scratch.data(),
        scratch == null ? 0 : scratch.offset());
  }

  @Override
  public int scratchFloats() {
    return PackingMatmul.SCRATCH;
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
    if (b instanceof PackedFloats floats) {
      multiply(m, k, a, aRow, floats, fromColumn, toColumn, start, c, cRow, scratch);
    } else if (b instanceof PackedInts ints) {
      IntMatmul.multiply(m, k, a, aRow, ints, fromColumn, toColumn, start, c, cRow, scratch);
    } else if (m < MatmulTile4.ROWS && b instanceof UnpackedMatrix u && isByRows(u)) {
      for (int i = 0; i < m; i++) {
        UnpackedRow.multiply(k, a, aRow + i, u.matrix(), fromColumn, toColumn, start, c, cRow + i);
      }
    } else {
      PackingMatmul.multiply(m, k, a, aRow, b, fromColumn, toColumn, start, c, cRow, scratch);
    }
  }

  private static boolean isByRows(UnpackedMatrix b) {
    return b.matrix().columnStride() == 1;
  }

  @Override
  public void gatherColumns(int row, int rows, int k, int[] ids, PackedMatrix b, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      if (b instanceof PackedTranspose t) {
        row(k, t.matrix(), ids[r], y.data(), y.offset(r));
      } else if (b instanceof UnpackedMatrix u) {
        column(k, u.matrix(), ids[r], y.data(), y.offset(r));
      } else if (b instanceof PackedInts ints) {
        IntPacking.column(k, ints, ids[r], y.data(), y.offset(r));
      } else {
        column(k, (PackedFloats) b, ids[r], y.data(), y.offset(r));
      }
    }
  }

  private static void column(int k, PackedFloats b, int column, float[] y, int yOffset) {
    for (int p = 0; p < k; p++) {
      y[yOffset + p] = element(b, p, column);
    }
  }

  private static void column(int k, Matrix b, int column, float[] y, int yOffset) {
    for (int p = 0; p < k; p++) {
      y[yOffset + p] = b.data()[b.offset(p) + column * b.columnStride()];
    }
  }

  private static void row(int k, PackedMatrix b, int row, float[] y, int yOffset) {
    for (int p = 0; p < k; p++) {
      y[yOffset + p] =
          b instanceof PackedInts ints
              ? IntPacking.element(ints, row, p)
              : element((PackedFloats) b, row, p);
    }
  }

  private static float element(PackedFloats b, int row, int column) {
    int panel = b.offset() + column / COLUMNS * b.rows() * COLUMNS;
    return b.data()[panel + row * COLUMNS + column % COLUMNS];
  }

  private static void coldRow(
      int k,
      Matrix a,
      int aRow,
      PackedFloats b,
      int fromColumn,
      int toColumn,
      Matrix start,
      Matrix c,
      int cRow) {
    float[] x = a.data();
    int from = a.offset(aRow);
    int step = a.columnStride();
    float[] s = start == null ? null : start.data();
    int sOffset = start == null ? 0 : start.offset(cRow) + fromColumn;
    float[] y = c.data();
    int yOffset = c.offset(cRow) + fromColumn;
    int panel = b.offset() + fromColumn * b.rows();
    int n = toColumn - fromColumn;
    long begin = System.nanoTime();
    for (int j = 0; j < 2 * COLUMNS; j += COLUMNS) {
      MatmulTile.edge(
          COLUMNS,
          ColdRow.WARMING_ROWS,
          x,
          from,
          step,
          b.data(),
          panel + j * b.rows(),
          s,
          sOffset + j,
          y,
          yOffset + j);
    }
    long middle = System.nanoTime();
    for (int j = 0; j < n; j += COLUMNS) {
      int columns = Math.min(COLUMNS, n - j);
      int row = j < 2 * COLUMNS ? ColdRow.WARMING_ROWS : 0;
      if (row == 0) {
        ColdRow.begin(columns, s, sOffset + j, y, yOffset + j);
      }
      ColdRow.floats(
          columns, row, k, x, from, step, b.data(), panel + j * b.rows(), y, yOffset + j);
    }
    ColdRow.compare(COLD_ROW, middle - begin, System.nanoTime() - middle, k, n);
  }
}
