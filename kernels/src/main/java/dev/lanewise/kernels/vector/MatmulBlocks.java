package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.L;
import static dev.lanewise.kernels.vector.Width.MANY_REGISTERS;

/**
 * Cache blocks around register tiles ({@link MatmulTile}). A few panels at a time go through a
 * block of A, of some rows and a chunk of k, which comes from L2 each time, or from L3 where L2 is
 * small: that is little traffic for the work. A block of k rows of a panel stays in L1 while all
 * rows of A pass over it, and these columns of C stay in L2 from one block of k to the next. A
 * block of k ends by storing the chains, and the next one begins with them.
 */
final class MatmulBlocks {

  /**
   * Rows of a panel per block: two panels of 512-bit vectors, or one of smaller ones, take a good
   * part of L1.
   */
  private static final int K_BLOCK = MANY_REGISTERS ? 128 : 256;

  /** Of k per block of A. */
  private static final int CHUNK = 768;

  /** Of k per block of A in strips: a multiple of {@link #K_BLOCK}. */
  private static final int STRIP_CHUNK = 256;

  /** Most rows of A per block; in strips as many as whole strips have. */
  static final int M_BLOCK = 256;

  /** Floats of room for a block of A in strips. */
  static final int STRIP_FLOATS = StripPacking.floats(M_BLOCK, STRIP_CHUNK);

  /** Columns that go through a block of A together: whole pairs of panels. */
  private static final int GROUP = 64;

  /**
   * So many rows wait for memory more than they compute. They go through a whole panel, from its
   * beginning to its end, as memory is fastest; what is in L2 by then the next rows have soon
   * enough.
   */
  static final int FEW_ROWS = 16;

  private static final int COLUMNS = MatmulTile.COLUMNS;

  private MatmulBlocks() {}

  /**
   * C = start + A B. Element (i, p) of A is at {@code i * aRow + p * aStep}; one of the two is 1
   * and says which way A lies. It is read as it lies.
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
    product(
        m,
        n,
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
        cStride,
        null,
        0);
  }

  /**
   * As the other. If A lies by columns and B has at least {@value #GROUP}, blocks of A are packed
   * into strips; for fewer columns that takes longer than it saves.
   *
   * @param room {@link #STRIP_FLOATS}; null if A is to be read as it lies
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
      int cStride,
      float[] room,
      int roomOffset) {
    boolean strips = room != null && aStep != 1 && n >= GROUP;
    int blockRows = blockRows(m, strips ? StripPacking.ROWS : MatmulTile4.ROWS);
    int chunk = strips ? STRIP_CHUNK : m <= FEW_ROWS ? Math.max(1, k) : CHUNK;
    for (int i = 0; i < m; i += blockRows) {
      int rows = Math.min(blockRows, m - i);
      int to = cOffset + i * cStride;
      int p = 0;
      do {
        boolean first = p == 0;
        int depth = Math.min(chunk, k - p);
        int from = aOffset + i * aRow + p * aStep;
        if (strips) {
          StripPacking.pack(rows, depth, a, from, aStep, room, roomOffset);
        }
        multiplyChunk(
            rows,
            n,
            depth,
            strips,
            strips ? room : a,
            strips ? roomOffset : from,
            strips ? StripPacking.ROWS * depth : aRow,
            strips ? StripPacking.ROWS : aStep,
            packed,
            packedOffset + p * COLUMNS,
            panelStride,
            first ? start : c,
            first ? startOffset + i * startStride : to,
            first ? startStride : cStride,
            c,
            to,
            cStride);
        p += chunk;
      } while (p < k);
    }
  }

  /**
   * Cuts m rows into blocks of about one size, which is a multiple of the unit: a small block at
   * the end would stream all panels for little work.
   */
  private static int blockRows(int m, int unit) {
    int blocks = Math.max(1, Math.ceilDiv(m, M_BLOCK));
    return Math.ceilDiv(Math.ceilDiv(m, blocks), unit) * unit;
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

  /** As {@link #tallRows}, of rows in strips: what goes to fours has to begin a strip's fours. */
  private static int tallRowsOfStrips(int m) {
    int rest = m % StripPacking.ROWS;
    return m - rest + tallRows(rest);
  }

  /**
   * How many of m rows go to the tile of eight: of few rows, where it leaves one or none. Other
   * numbers are better cut into sixes and fours.
   */
  static int eightRows(int m) {
    int rest = m % MatmulTile8.ROWS;
    return MANY_REGISTERS && m <= FEW_ROWS && rest <= 1 ? m - rest : 0;
  }

  /** A block of A by all panels, a few at a time. */
  private static void multiplyChunk(
      int m,
      int n,
      int k,
      boolean strips,
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
    int blockDepth = m <= FEW_ROWS ? Math.max(1, k) : K_BLOCK;
    for (int j = 0; j < n; j += GROUP) {
      int panels = packedOffset + j / COLUMNS * panelStride;
      int to = cOffset + j;
      int p = 0;
      do {
        boolean first = p == 0;
        multiplyBlock(
            m,
            Math.min(GROUP, n - j),
            Math.min(blockDepth, k - p),
            strips,
            a,
            aOffset + p * aStep,
            aRow,
            aStep,
            packed,
            panels + p * COLUMNS,
            panelStride,
            first ? start : c,
            first ? startOffset + j : to,
            first ? startStride : cStride,
            c,
            to,
            cStride);
        p += blockDepth;
      } while (p < k);
    }
  }

  /**
   * One block of rows and of k by a few panels.
   *
   * @param strips whether A lies in strips
   * @param aRow from a row of A to the next, or from a strip to the next
   * @param aStep from an element of a row to the next
   */
  private static void multiplyBlock(
      int m,
      int n,
      int k,
      boolean strips,
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
    int tallRows = eights > 0 ? 0 : strips ? tallRowsOfStrips(m) : tallRows(m);
    int wideColumns = MANY_REGISTERS ? n - n % MatmulTile6Wide.COLUMNS : 0;
    widePanels(
        tallRows,
        wideColumns,
        k,
        strips,
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
          int row = aOffset + i * aRow;
          int s = startOffset + i * startStride + j;
          int o = cOffset + i * cStride + j;
          MatmulTile8.rows(k, a, row, aRow, packed, panel, start, s, startStride, c, o, cStride);
        }
        for (; i < tallRows; i += MatmulTile6.ROWS) {
          int row = aOffset + row(strips, i, aRow);
          int s = startOffset + i * startStride + j;
          int o = cOffset + i * cStride + j;
          if (strips) {
            MatmulTile6.strip(k, a, row, 1, packed, panel, start, s, startStride, c, o, cStride);
          } else if (aStep == 1) {
            MatmulTile6.rows(k, a, row, aRow, packed, panel, start, s, startStride, c, o, cStride);
          } else {
            MatmulTile6.columns(
                k, a, row, aRow, aStep, packed, panel, start, s, startStride, c, o, cStride);
          }
        }
        for (; i <= m - MatmulTile4.ROWS; i += MatmulTile4.ROWS) {
          int row = aOffset + row(strips, i, aRow);
          int s = startOffset + i * startStride + j;
          int o = cOffset + i * cStride + j;
          if (aStep == 1) {
            MatmulTile4.rows(k, a, row, aRow, packed, panel, start, s, startStride, c, o, cStride);
          } else {
            MatmulTile4.columns(
                k, a, row, aStep, packed, panel, start, s, startStride, c, o, cStride);
          }
        }
      }
      for (; columns < COLUMNS && i <= m - MatmulTile.PARTIAL_ROWS; i += MatmulTile.PARTIAL_ROWS) {
        int row = aOffset + row(strips, i, aRow);
        int s = startOffset + i * startStride + j;
        int o = cOffset + i * cStride + j;
        for (int v = 0; v < columns; v += L) {
          MatmulTile.partial(
              columns - v,
              k,
              a,
              row,
              strips ? 1 : aRow,
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
            aOffset + row(strips, i, aRow),
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

  private static int row(boolean strips, int i, int aRow) {
    return strips ? StripPacking.row(i, aRow) : i * aRow;
  }

  /** Rows in sixes by panels in pairs. */
  private static void widePanels(
      int m,
      int n,
      int k,
      boolean strips,
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
        int row = aOffset + row(strips, i, aRow);
        int s = startOffset + i * startStride + j;
        int o = cOffset + i * cStride + j;
        if (strips) {
          MatmulTile6Wide.strip(
              k, a, row, packed, panel, next, start, s, startStride, c, o, cStride);
        } else if (aStep == 1) {
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
