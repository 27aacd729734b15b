package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.PackedInts;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.PackedTranspose;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.UnpackedMatrix;

/**
 * Products of many rows with a matrix that is no panels of floats yet: of smaller numbers, the
 * transpose of a packed one, or one as it lies. Blocks of a few panels are made of it where they
 * stay in cache, once for all these rows, and go through the tiles of floats.
 */
final class PackingMatmul {

  private static final int COLUMNS = MatmulTile.COLUMNS;

  /**
   * Panels that are made together. Rows of a matrix as it lies are read by runs of 512 bytes; runs
   * of a line or two, each on another page, take several times as long.
   */
  private static final int PANELS = 128 / COLUMNS;

  /** Rows of B that are made panels together. */
  private static final int DEPTH = 256;

  /** Floats of a panel's block. */
  private static final int PANEL_BLOCK = DEPTH * COLUMNS;

  /** Where numbers are widened before they are transposed: whole groups, which panels divide. */
  private static final int WIDENED = PANELS * PANEL_BLOCK;

  /** Floats of scratch for a left operand that lies by rows. */
  static final int SCRATCH_BY_ROWS = WIDENED + Precision.GROUP * COLUMNS;

  /** Floats of scratch: blocks of a left operand that lies by columns come last. */
  static final int SCRATCH = SCRATCH_BY_ROWS + MatmulBlocks.STRIP_FLOATS;

  /** Most rows of A that go through a block: their part of k stays in L2. */
  private static final int ROWS = 4 * MatmulBlocks.M_BLOCK;

  private PackingMatmul() {}

  /** As {@link dev.lanewise.kernels.Matmul#multiply}. */
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
    product(
        m,
        toColumn - fromColumn,
        k,
        a.data(),
        a.offset(aRow),
        a.rowStride(),
        a.columnStride(),
        b,
        fromColumn,
        start == null ? null : start.data(),
        start == null ? 0 : start.offset(cRow) + fromColumn,
        start == null ? 0 : start.rowStride(),
        c.data(),
        c.offset(cRow) + fromColumn,
        c.rowStride(),
        scratch.data(),
        scratch.offset());
  }

  /**
   * As {@link MatmulBlocks#product}, with n columns of B from one on that begins a panel. Element
   * (i, p) of A is at {@code i * aRow + p * aStep}; one of the two is 1 and says which way A lies.
   *
   * @param b anything but panels of floats
   * @param panels has room for {@link #SCRATCH} floats, or {@link #SCRATCH_BY_ROWS}
   */
  static void product(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aRow,
      int aStep,
      PackedMatrix b,
      int fromColumn,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride,
      float[] panels,
      int panelsOffset) {
    int together = panelsTogether(m, b) * COLUMNS;
    for (int i = 0; i < m; i += ROWS) {
      int rows = Math.min(ROWS, m - i);
      int block = aOffset + i * aRow;
      int cBlock = cOffset + i * cStride;
      float[] from = start;
      int fromOffset = startOffset + i * startStride;
      int fromStride = startStride;
      int p = 0;
      do {
        int depth = Math.min(DEPTH, k - p);
        for (int j = 0; j < n; j += together) {
          int columns = Math.min(together, n - j);
          makePanels(b, p, depth, fromColumn + j, columns, panels, panelsOffset);
          MatmulBlocks.product(
              rows,
              columns,
              depth,
              a,
              block + p * aStep,
              aRow,
              aStep,
              panels,
              panelsOffset,
              PANEL_BLOCK,
              from,
              fromOffset + j,
              fromStride,
              c,
              cBlock + j,
              cStride,
              panels,
              panelsOffset + SCRATCH_BY_ROWS);
        }
        from = c;
        fromOffset = cBlock;
        fromStride = cStride;
        p += DEPTH;
      } while (p < k);
    }
  }

  /** What is packed already is widened panel by panel for few rows, which find it in L1. */
  private static int panelsTogether(int m, PackedMatrix b) {
    return b instanceof PackedInts && m <= MatmulBlocks.FEW_ROWS ? 1 : PANELS;
  }

  /** Makes panels of some rows of B, by some of its columns. */
  private static void makePanels(
      PackedMatrix b, int row, int rows, int column, int columns, float[] y, int yOffset) {
    if (b instanceof UnpackedMatrix u) {
      pack(u.matrix(), row, rows, column, columns, y, yOffset);
      return;
    }
    for (int j = 0; j < columns; j += COLUMNS) {
      int to = yOffset + j / COLUMNS * PANEL_BLOCK;
      if (b instanceof PackedTranspose t) {
        int count = Math.min(COLUMNS, columns - j);
        transpose(t.matrix(), row, rows, column + j, count, y, to, yOffset + WIDENED);
      } else {
        PackedInts ints = (PackedInts) b;
        widen(ints, (column + j) / COLUMNS, row, rows, y, to);
      }
    }
  }

  private static void pack(
      Matrix b, int row, int rows, int column, int columns, float[] y, int yOffset) {
    int from = b.offset(row) + column * b.columnStride();
    if (b.columnStride() == 1) {
      PanelPacking.rows(rows, columns, b.data(), from, b.rowStride(), y, yOffset, PANEL_BLOCK);
    } else {
      PanelPacking.columns(
          rows, columns, b.data(), from, b.columnStride(), y, yOffset, PANEL_BLOCK);
    }
  }

  /** Writes rows of a panel as a panel of floats; the first is a multiple of a group. */
  private static void widen(PackedInts b, int panel, int row, int rows, float[] y, int yOffset) {
    int from = b.offset() + panel * b.panelInts();
    switch (b.precision()) {
      case BF16 -> Bfloat16Panel.widen(row, rows, b.data(), from, y, yOffset);
      case F16 -> Float16Panel.widen(row, rows, b.data(), from, y, yOffset);
      default -> Int8Panel.widen(row, rows, b.data(), from, y, yOffset);
    }
  }

  /** Writes up to a panel's width of rows of a matrix as a panel with a row for each column. */
  private static void transpose(
      PackedMatrix matrix,
      int column,
      int columns,
      int row,
      int rows,
      float[] y,
      int yOffset,
      int widened) {
    for (int j = 0; j < columns; j += COLUMNS) {
      int count = Math.min(COLUMNS, columns - j);
      int to = yOffset + j * COLUMNS;
      if (matrix instanceof PackedInts ints) {
        int first = ints.precision() == Precision.INT8 ? row - row % Precision.GROUP : row;
        widen(ints, (column + j) / COLUMNS, first, row + rows - first, y, widened);
        transpose(rows, count, y, widened + (row - first) * COLUMNS, y, to);
      } else {
        PackedFloats floats = (PackedFloats) matrix;
        int from = floats.offset() + (column + j) * floats.rows() + row * COLUMNS;
        transpose(rows, count, floats.data(), from, y, to);
      }
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
}
