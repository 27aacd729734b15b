package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.L;
import static dev.lanewise.kernels.vector.Width.MANY_REGISTERS;

import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.PackedInts;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.PackedTranspose;
import dev.lanewise.kernels.Precision;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * Matmul by cache blocks around register tiles ({@link MatmulTile}): A is read in place, a panel's
 * block of k rows stays in L1 while all rows of a block of A pass over it, and that block of A
 * stays in L2. A block of k ends by storing the chains, and the next one begins with them.
 */
final class VectorMatmul implements Matmul {

  /** Rows of a panel per block: with two vectors of floats they take a good part of L1. */
  static final int K_BLOCK = 256;

  /** Most rows of A per block. */
  static final int M_BLOCK = 256;

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
    PackedFloats packed = (PackedFloats) b;
    if (m < MatmulTile4.ROWS && COLD_ROW.isCold() && ColdRow.isWorthIt(k, toColumn - fromColumn)) {
      for (int i = 0; i < m; i++) {
        coldRow(k, a, aRow + i, packed, fromColumn, toColumn, start, c, cRow + i);
      }
      return;
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
        packed.offset() + fromColumn * packed.rows(),
        packed.rows() * COLUMNS,
        start == null ? null : start.data(),
        start == null ? 0 : start.offset(cRow) + fromColumn,
        start == null ? 0 : start.rowStride(),
        c.data(),
        c.offset(cRow) + fromColumn,
        c.rowStride());
  }

  @Override
  public int scratchFloats() {
    return Math.max(IntMatmul.SCRATCH, TransposedMatmul.SCRATCH);
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
    if (b instanceof PackedTranspose t) {
      PackedMatrix of = t.matrix();
      TransposedMatmul.multiply(m, k, a, aRow, of, fromColumn, toColumn, start, c, cRow, scratch);
    } else if (b instanceof PackedInts ints) {
      IntMatmul.multiply(m, k, a, aRow, ints, fromColumn, toColumn, start, c, cRow, scratch);
    } else {
      multiply(m, k, a, aRow, b, fromColumn, toColumn, start, c, cRow);
    }
  }

  @Override
  public void gatherColumns(int row, int rows, int k, int[] ids, PackedMatrix b, Matrix y) {
    for (int r = row; r < row + rows; r++) {
      if (b instanceof PackedTranspose t) {
        TransposedMatmul.row(k, t.matrix(), ids[r], y.data(), y.offset(r));
      } else if (b instanceof PackedInts ints) {
        IntPacking.column(k, ints, ids[r], y.data(), y.offset(r));
      } else {
        column(k, (PackedFloats) b, ids[r], y.data(), y.offset(r));
      }
    }
  }

  private static void column(int k, PackedFloats b, int column, float[] y, int yOffset) {
    int from = b.offset() + column / COLUMNS * b.rows() * COLUMNS + column % COLUMNS;
    for (int p = 0; p < k; p++) {
      y[yOffset + p] = b.data()[from + p * COLUMNS];
    }
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

  /**
   * Element (i, p) of A is at {@code i * aRow + p * aStep}; one of the two is 1 and says which way
   * A lies.
   */
  static void product(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aRow,
      int aStep,
      float[] packed,
      int packedOffset,
      int panelStride,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    int blockRows = blockRows(m);
    // A row alone reads a panel once: from its beginning to its end, as memory is fastest.
    int blockDepth = m < MatmulTile4.ROWS ? Math.max(1, k) : K_BLOCK;
    for (int i = 0; i < m; i += blockRows) {
      int rows = Math.min(blockRows, m - i);
      int cBlock = cOffset + i * cStride;
      float[] from = start;
      int fromOffset = startOffset + i * startStride;
      int fromStride = startStride;
      int p = 0;
      do {
        int depth = Math.min(blockDepth, k - p);
        multiplyBlock(
            rows,
            n,
            depth,
            a,
            aOffset + i * aRow + p * aStep,
            aRow,
            aStep,
            packed,
            packedOffset + p * COLUMNS,
            panelStride,
            from,
            fromOffset,
            fromStride,
            c,
            cBlock,
            cStride);
        from = c;
        fromOffset = cBlock;
        fromStride = cStride;
        p += blockDepth;
      } while (p < k);
    }
  }

  /**
   * Cuts m rows into blocks of about one size, in fours: a small block at the end would stream all
   * panels for little work.
   */
  static int blockRows(int m) {
    int blocks = Math.max(1, Math.ceilDiv(m, M_BLOCK));
    return Math.ceilDiv(Math.ceilDiv(m, blocks), MatmulTile4.ROWS) * MatmulTile4.ROWS;
  }

  /**
   * How many of m rows go to the taller tile: as many as leave none or fours, because a row that
   * fits no tile takes as long as four. Six rows fewer turn a rest of two into two fours.
   */
  static int tallRows(int m) {
    int rest = m % MatmulTile6.ROWS;
    int tall = m - rest;
    boolean pairIsLeft = rest == 2 || rest == 3;
    return Math.max(0, pairIsLeft ? tall - MatmulTile6.ROWS : tall);
  }

  /** One block of rows and of k by all panels. */
  static void multiplyBlock(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aRow,
      int aStep,
      float[] packed,
      int packedOffset,
      int panelStride,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    int tallRows = tallRows(m);
    int wideColumns = MANY_REGISTERS ? n - n % MatmulTile6Wide.COLUMNS : 0;
    widePanels(
        tallRows,
        wideColumns,
        k,
        a,
        aOffset,
        aRow,
        aStep,
        packed,
        packedOffset,
        panelStride,
        start,
        startOffset,
        startStride,
        c,
        cOffset,
        cStride);
    int panel = packedOffset;
    for (int j = 0; j < n; j += COLUMNS) {
      int columns = Math.min(COLUMNS, n - j);
      int i = j < wideColumns ? tallRows : 0;
      if (columns == COLUMNS) {
        for (; i < tallRows; i += MatmulTile6.ROWS) {
          int s = startOffset + i * startStride + j;
          int o = cOffset + i * cStride + j;
          int row = aOffset + i * aRow;
          if (aStep == 1) {
            MatmulTile6.rows(k, a, row, aRow, packed, panel, start, s, startStride, c, o, cStride);
          } else {
            MatmulTile6.columns(
                k, a, row, aRow, aStep, packed, panel, start, s, startStride, c, o, cStride);
          }
        }
        for (; i <= m - MatmulTile4.ROWS; i += MatmulTile4.ROWS) {
          int s = startOffset + i * startStride + j;
          int o = cOffset + i * cStride + j;
          int row = aOffset + i * aRow;
          if (aStep == 1) {
            MatmulTile4.rows(k, a, row, aRow, packed, panel, start, s, startStride, c, o, cStride);
          } else {
            MatmulTile4.columns(
                k, a, row, aStep, packed, panel, start, s, startStride, c, o, cStride);
          }
        }
      }
      for (; columns < COLUMNS && i <= m - MatmulTile.PARTIAL_ROWS; i += MatmulTile.PARTIAL_ROWS) {
        int s = startOffset + i * startStride + j;
        int o = cOffset + i * cStride + j;
        int row = aOffset + i * aRow;
        for (int v = 0; v < columns; v += L) {
          MatmulTile.partial(
              columns - v,
              k,
              a,
              row,
              aRow,
              aStep,
              packed,
              panel + v,
              start,
              s + v,
              startStride,
              c,
              o + v,
              cStride);
        }
      }
      for (; i < m; i++) {
        MatmulTile.edge(
            columns,
            k,
            a,
            aOffset + i * aRow,
            aStep,
            packed,
            panel,
            start,
            startOffset + i * startStride + j,
            c,
            cOffset + i * cStride + j);
      }
      panel += panelStride;
    }
  }

  /** Rows in sixes by panels in pairs. */
  private static void widePanels(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aRow,
      int aStep,
      float[] packed,
      int packedOffset,
      int panelStride,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    int panel = packedOffset;
    for (int j = 0; j < n; j += MatmulTile6Wide.COLUMNS) {
      int next = panel + panelStride;
      for (int i = 0; i < m; i += MatmulTile6Wide.ROWS) {
        int s = startOffset + i * startStride + j;
        int o = cOffset + i * cStride + j;
        int row = aOffset + i * aRow;
        if (aStep == 1) {
          MatmulTile6Wide.rows(
              k, a, row, aRow, packed, panel, next, start, s, startStride, c, o, cStride);
        } else {
          MatmulTile6Wide.columns(
              k, a, row, aStep, packed, panel, next, start, s, startStride, c, o, cStride);
        }
      }
      panel = next + panelStride;
    }
  }
}
