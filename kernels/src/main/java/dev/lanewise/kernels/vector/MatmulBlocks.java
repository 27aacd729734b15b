package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.L;
import static dev.lanewise.kernels.vector.Width.MANY_REGISTERS;

/**
 * Cache blocks around register tiles ({@link MatmulTile}): A is read in place, a panel's block of k
 * rows stays in L1 while all rows of a block of A pass over it, and that block of A stays in L2. A
 * block of k ends by storing the chains, and the next one begins with them.
 */
final class MatmulBlocks {

  /** Rows of a panel per block: with two vectors of floats they take a good part of L1. */
  static final int K_BLOCK = 256;

  /** Most rows of A per block. */
  static final int M_BLOCK = 256;

  /**
   * So many rows wait for memory more than they compute. They go through a whole panel, from its
   * beginning to its end, as memory is fastest; what is in L2 by then the next rows have soon
   * enough.
   */
  static final int FEW_ROWS = 16;

  private static final int COLUMNS = MatmulTile.COLUMNS;

  private MatmulBlocks() {}

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
    int blockDepth = m <= FEW_ROWS ? Math.max(1, k) : K_BLOCK;
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
  private static int blockRows(int m) {
    int blocks = Math.max(1, Math.ceilDiv(m, M_BLOCK));
    return Math.ceilDiv(Math.ceilDiv(m, blocks), MatmulTile4.ROWS) * MatmulTile4.ROWS;
  }

  /**
   * How many of m rows go to the tile of six: as many as leave none or fours, because a row that
   * fits no tile takes as long as four. Six rows fewer turn a rest of two into two fours.
   */
  static int tallRows(int m) {
    int rest = m % MatmulTile6.ROWS;
    int tall = m - rest;
    boolean pairIsLeft = rest == 2 || rest == 3;
    return Math.max(0, pairIsLeft ? tall - MatmulTile6.ROWS : tall);
  }

  /**
   * How many of m rows go to the tile of eight: of few rows, where it leaves one or none. Other
   * numbers are better cut into sixes and fours.
   */
  static int eightRows(int m) {
    int rest = m % MatmulTile8.ROWS;
    return MANY_REGISTERS && m <= FEW_ROWS && rest <= 1 ? m - rest : 0;
  }

  /** One block of rows and of k by all panels. */
  private static void multiplyBlock(
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
    int eights = aStep == 1 ? eightRows(m) : 0;
    int tallRows = eights > 0 ? 0 : tallRows(m);
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
        for (; i < eights; i += MatmulTile8.ROWS) {
          int s = startOffset + i * startStride + j;
          int o = cOffset + i * cStride + j;
          int row = aOffset + i * aRow;
          MatmulTile8.rows(k, a, row, aRow, packed, panel, start, s, startStride, c, o, cStride);
        }
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
