package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.PackedInts;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.Precision;

/**
 * Products with the transpose of a packed matrix. Blocks of it are widened and transposed to where
 * they stay in cache, once for many rows of A, and go through the tiles of floats.
 */
final class TransposedMatmul {

  private static final int COLUMNS = MatmulTile.COLUMNS;

  /** Panels that are made together, as many as the widest tile takes. */
  private static final int PANELS = 2;

  /** Floats of a panel's block. */
  private static final int PANEL_BLOCK = VectorMatmul.K_BLOCK * COLUMNS;

  /** Where numbers are widened: whole groups, which panels divide. */
  private static final int WIDENED = PANELS * PANEL_BLOCK;

  /** Floats of scratch. */
  static final int SCRATCH = WIDENED + Precision.GROUP * COLUMNS;

  /** Most rows of A that go through a block: their part of k stays in L2. */
  private static final int ROWS = 4 * VectorMatmul.M_BLOCK;

  private TransposedMatmul() {}

  /**
   * As {@link dev.lanewise.kernels.Matmul#multiply}.
   *
   * @param b whose transpose is meant: its columns are the inner dimension
   */
  static void multiply(
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
    for (int i = 0; i < m; i += ROWS) {
      int rows = Math.min(ROWS, m - i);
      Matrix from = start;
      int p = 0;
      do {
        int depth = Math.min(VectorMatmul.K_BLOCK, k - p);
        for (int j = fromColumn; j < toColumn; j += PANELS * COLUMNS) {
          int columns = Math.min(PANELS * COLUMNS, toColumn - j);
          panels(b, p, depth, j, columns, scratch.data(), scratch.offset());
          multiplyBlocks(rows, columns, depth, a, aRow + i, p, j, from, c, cRow + i, scratch);
        }
        from = c;
        p += VectorMatmul.K_BLOCK;
      } while (p < k);
    }
  }

  private static void multiplyBlocks(
      int m,
      int columns,
      int depth,
      Matrix a,
      int aRow,
      int p,
      int j,
      Matrix start,
      Matrix c,
      int cRow,
      Matrix panels) {
    int blockRows = VectorMatmul.blockRows(m);
    for (int i = 0; i < m; i += blockRows) {
      VectorMatmul.multiplyBlock(
          Math.min(blockRows, m - i),
          columns,
          depth,
          a.data(),
          a.offset(aRow + i) + p * a.columnStride(),
          a.rowStride(),
          a.columnStride(),
          panels.data(),
          panels.offset(),
          PANEL_BLOCK,
          start == null ? null : start.data(),
          start == null ? 0 : start.offset(cRow + i) + j,
          start == null ? 0 : start.rowStride(),
          c.data(),
          c.offset(cRow + i) + j,
          c.rowStride());
    }
  }

  /** Makes panels of columns p to p + depth of B, by its rows from j on. */
  private static void panels(
      PackedMatrix b, int p, int depth, int j, int rows, float[] y, int yOffset) {
    for (int r = 0; r < rows; r += COLUMNS) {
      int count = Math.min(COLUMNS, rows - r);
      int to = yOffset + r / COLUMNS * PANEL_BLOCK;
      for (int q = 0; q < depth; q += COLUMNS) {
        int columns = Math.min(COLUMNS, depth - q);
        block(b, p + q, columns, j + r, count, y, to + q * COLUMNS, yOffset + WIDENED);
      }
    }
  }

  /** Transposes up to a panel's width of rows of a panel. */
  private static void block(
      PackedMatrix b,
      int column,
      int columns,
      int row,
      int rows,
      float[] y,
      int yOffset,
      int widened) {
    if (b instanceof PackedInts ints) {
      int first = b.precision() == Precision.INT8 ? row - row % Precision.GROUP : row;
      int panel = ints.offset() + column / COLUMNS * ints.panelInts();
      IntMatmul.widen(ints, panel, first, row + rows - first, y, widened);
      transpose(rows, columns, y, widened + (row - first) * COLUMNS, y, yOffset);
    } else {
      PackedFloats floats = (PackedFloats) b;
      int from = floats.offset() + column * floats.rows() + row * COLUMNS;
      transpose(rows, columns, floats.data(), from, y, yOffset);
    }
  }

  private static void transpose(
      int rows, int columns, float[] x, int xOffset, float[] y, int yOffset) {
    int r = 0;
    for (; r <= rows - L; r += L) {
      Transpose.rows(columns, x, xOffset + r * COLUMNS, COLUMNS, y, yOffset + r, COLUMNS);
    }
    for (; r < rows; r++) {
      for (int i = 0; i < columns; i++) {
        y[yOffset + i * COLUMNS + r] = x[xOffset + r * COLUMNS + i];
      }
    }
  }

  /** Reads a row of B. */
  static void row(int k, PackedMatrix b, int row, float[] y, int yOffset) {
    for (int p = 0; p < k; p++) {
      if (b instanceof PackedInts ints) {
        y[yOffset + p] = IntPacking.element(ints, row, p);
      } else {
        PackedFloats floats = (PackedFloats) b;
        int panel = floats.offset() + p / COLUMNS * COLUMNS * floats.rows();
        y[yOffset + p] = floats.data()[panel + row * COLUMNS + p % COLUMNS];
      }
    }
  }
}
