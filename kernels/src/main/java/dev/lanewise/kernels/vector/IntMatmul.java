package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedInts;
import dev.lanewise.kernels.Precision;
import java.util.EnumMap;
import java.util.Map;

/**
 * Products with a matrix of numbers smaller than floats. Few rows widen the numbers in registers as
 * they go, since it is memory that they wait for. Many rows share the work: blocks of two panels
 * are widened to where they stay in cache, and go through the tiles of floats.
 */
final class IntMatmul {

  private static final int COLUMNS = MatmulTile.COLUMNS;

  /** Panels that are widened together, as many as the widest tile takes. */
  private static final int PANELS = 2;

  /** Floats of a widened block of a panel. */
  private static final int PANEL_BLOCK = VectorMatmul.K_BLOCK * COLUMNS;

  /** Floats of all blocks that are widened together. */
  static final int SCRATCH = PANELS * PANEL_BLOCK;

  /** Rows from which on a block is widened once for all. */
  private static final int MANY_ROWS = MatmulTile4.ROWS;

  private static final Map<Precision, Cold> COLD = new EnumMap<>(Precision.class);

  static {
    for (Precision precision : Precision.values()) {
      COLD.put(precision, new Cold());
    }
  }

  private IntMatmul() {}

  /** As {@link dev.lanewise.kernels.Matmul#multiply}. */
  static void multiply(
      int m,
      int k,
      Matrix a,
      int aRow,
      PackedInts b,
      int fromColumn,
      int toColumn,
      Matrix start,
      Matrix c,
      int cRow,
      Matrix scratch) {
    if (m >= MANY_ROWS) {
      int blockRows = VectorMatmul.blockRows(m);
      for (int i = 0; i < m; i += blockRows) {
        int rows = Math.min(blockRows, m - i);
        block(
            rows,
            k,
            a,
            aRow + i,
            b,
            fromColumn,
            toColumn,
            start,
            c,
            cRow + i,
            scratch.data(),
            scratch.offset());
      }
      return;
    }
    for (int i = 0; i < m; i++) {
      row(k, a, aRow + i, b, fromColumn, toColumn, start, c, cRow + i);
    }
  }

  private static void block(
      int m,
      int k,
      Matrix a,
      int aRow,
      PackedInts b,
      int fromColumn,
      int toColumn,
      Matrix start,
      Matrix c,
      int cRow,
      float[] widened,
      int at) {
    Matrix from = start;
    int p = 0;
    do {
      int depth = Math.min(VectorMatmul.K_BLOCK, k - p);
      int panel = b.offset() + fromColumn / COLUMNS * b.panelInts();
      for (int j = fromColumn; j < toColumn; j += PANELS * COLUMNS) {
        int columns = Math.min(PANELS * COLUMNS, toColumn - j);
        for (int q = 0; q * COLUMNS < columns; q++) {
          widen(b, panel, p, depth, widened, at + q * PANEL_BLOCK);
          panel += b.panelInts();
        }
        VectorMatmul.multiplyBlock(
            m,
            columns,
            depth,
            a.data(),
            a.offset(aRow) + p * a.columnStride(),
            a.rowStride(),
            a.columnStride(),
            widened,
            at,
            PANEL_BLOCK,
            from == null ? null : from.data(),
            from == null ? 0 : from.offset(cRow) + j,
            from == null ? 0 : from.rowStride(),
            c.data(),
            c.offset(cRow) + j,
            c.rowStride());
      }
      from = c;
      p += VectorMatmul.K_BLOCK;
    } while (p < k);
  }

  /** Writes some rows of a panel as a panel of floats; the first is a multiple of a group. */
  static void widen(PackedInts b, int panel, int fromRow, int rows, float[] widened, int at) {
    switch (b.precision()) {
      case BF16 -> Bfloat16Panel.widen(fromRow, rows, b.data(), panel, widened, at);
      case F16 -> Float16Panel.widen(fromRow, rows, b.data(), panel, widened, at);
      default -> Int8Panel.widen(fromRow, rows, b.data(), panel, widened, at);
    }
  }

  /** One row by all panels, two at a time: so many chains that none is waited for. */
  private static void row(
      int k,
      Matrix a,
      int aRow,
      PackedInts b,
      int fromColumn,
      int toColumn,
      Matrix start,
      Matrix c,
      int cRow) {
    float[] x = a.data();
    int from = a.offset(aRow);
    int step = a.columnStride();
    float[] s = start == null ? null : start.data();
    int sRow = start == null ? 0 : start.offset(cRow);
    float[] y = c.data();
    int yRow = c.offset(cRow);
    int next = b.panelInts();
    int panel = b.offset() + fromColumn / COLUMNS * next;
    Cold cold = COLD.get(b.precision());
    if (cold.isCold() && ColdRow.isWorthIt(k, toColumn - fromColumn)) {
      int n = toColumn - fromColumn;
      coldRow(cold, n, k, x, from, step, b, panel, s, sRow + fromColumn, y, yRow + fromColumn);
      return;
    }
    int j = fromColumn;
    for (; j <= toColumn - 2 * COLUMNS; j += 2 * COLUMNS) {
      two(k, x, from, step, b, panel, s, sRow + j, y, yRow + j);
      panel += 2 * next;
    }
    for (; j < toColumn; j += COLUMNS) {
      int n = Math.min(COLUMNS, toColumn - j);
      switch (b.precision()) {
        case BF16 ->
            Bfloat16Panel.one(n, k, x, from, step, b.data(), panel, s, sRow + j, y, yRow + j);
        case F16 ->
            Float16Panel.one(n, k, x, from, step, b.data(), panel, s, sRow + j, y, yRow + j);
        default -> Int8Panel.one(n, k, x, from, step, b.data(), panel, s, sRow + j, y, yRow + j);
      }
      panel += next;
    }
  }

  private static void two(
      int k,
      float[] x,
      int from,
      int step,
      PackedInts b,
      int panel,
      float[] s,
      int sOffset,
      float[] y,
      int yOffset) {
    int next = b.panelInts();
    switch (b.precision()) {
      case BF16 ->
          Bfloat16Panel.two(k, x, from, step, b.data(), panel, next, s, sOffset, y, yOffset);
      case F16 -> Float16Panel.two(k, x, from, step, b.data(), panel, next, s, sOffset, y, yOffset);
      default -> Int8Panel.two(k, x, from, step, b.data(), panel, next, s, sOffset, y, yOffset);
    }
  }

  private static void coldRow(
      Cold cold,
      int n,
      int k,
      float[] x,
      int from,
      int step,
      PackedInts b,
      int panel,
      float[] s,
      int sOffset,
      float[] y,
      int yOffset) {
    long begin = System.nanoTime();
    two(ColdRow.WARMING_ROWS, x, from, step, b, panel, s, sOffset, y, yOffset);
    long middle = System.nanoTime();
    int at = panel;
    for (int j = 0; j < n; j += COLUMNS) {
      int columns = Math.min(COLUMNS, n - j);
      int row = j < 2 * COLUMNS ? ColdRow.WARMING_ROWS : 0;
      if (row == 0) {
        ColdRow.begin(columns, s, sOffset + j, y, yOffset + j);
      }
      ColdRow.ints(b.precision(), columns, row, k, x, from, step, b.data(), at, y, yOffset + j);
      at += b.panelInts();
    }
    ColdRow.compare(cold, middle - begin, System.nanoTime() - middle, k, n);
  }
}
