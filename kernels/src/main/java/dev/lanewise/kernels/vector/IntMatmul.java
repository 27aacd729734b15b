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
        scratch == null ? null : scratch.data(),
        scratch == null ? 0 : scratch.offset());
  }

  /**
   * As {@link VectorMatmul#product}, with n columns of B from one on that begins a panel.
   *
   * @param widened has room for {@link #SCRATCH} floats
   */
  static void product(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aRow,
      int aStep,
      PackedInts b,
      int fromColumn,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride,
      float[] widened,
      int widenedOffset) {
    int panel = b.offset() + fromColumn / COLUMNS * b.panelInts();
    if (m < MANY_ROWS) {
      fewRows(
          m,
          n,
          k,
          a,
          aOffset,
          aRow,
          aStep,
          b,
          panel,
          start,
          startOffset,
          startStride,
          c,
          cOffset,
          cStride);
      return;
    }
    int blockRows = VectorMatmul.blockRows(m);
    for (int i = 0; i < m; i += blockRows) {
      block(
          Math.min(blockRows, m - i),
          n,
          k,
          a,
          aOffset + i * aRow,
          aRow,
          aStep,
          b,
          panel,
          start,
          startOffset + i * startStride,
          startStride,
          c,
          cOffset + i * cStride,
          cStride,
          widened,
          widenedOffset);
    }
  }

  private static void block(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aRow,
      int aStep,
      PackedInts b,
      int firstPanel,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride,
      float[] widened,
      int at) {
    float[] from = start;
    int fromOffset = startOffset;
    int fromStride = startStride;
    int p = 0;
    do {
      int depth = Math.min(VectorMatmul.K_BLOCK, k - p);
      int panel = firstPanel;
      for (int j = 0; j < n; j += PANELS * COLUMNS) {
        int columns = Math.min(PANELS * COLUMNS, n - j);
        for (int q = 0; q * COLUMNS < columns; q++) {
          widen(b, panel, p, depth, widened, at + q * PANEL_BLOCK);
          panel += b.panelInts();
        }
        VectorMatmul.multiplyBlock(
            m,
            columns,
            depth,
            a,
            aOffset + p * aStep,
            aRow,
            aStep,
            widened,
            at,
            PANEL_BLOCK,
            from,
            fromOffset + j,
            fromStride,
            c,
            cOffset + j,
            cStride);
      }
      from = c;
      fromOffset = cOffset;
      fromStride = cStride;
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

  /**
   * Rows by all panels, two at a time: so many chains that none is waited for. All rows go through
   * two panels before the next two, so that memory is read once.
   */
  private static void fewRows(
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int aRow,
      int aStep,
      PackedInts b,
      int firstPanel,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    Cold cold = COLD.get(b.precision());
    if (cold.isCold() && ColdRow.isWorthIt(k, n)) {
      for (int i = 0; i < m; i++) {
        int s = startOffset + i * startStride;
        int row = aOffset + i * aRow;
        coldRow(cold, n, k, a, row, aStep, b, firstPanel, start, s, c, cOffset + i * cStride);
      }
      return;
    }
    int panel = firstPanel;
    int j = 0;
    for (; j <= n - 2 * COLUMNS; j += 2 * COLUMNS) {
      for (int i = 0; i < m; i++) {
        int s = startOffset + i * startStride + j;
        two(k, a, aOffset + i * aRow, aStep, b, panel, start, s, c, cOffset + i * cStride + j);
      }
      panel += 2 * b.panelInts();
    }
    for (; j < n; j += COLUMNS) {
      int columns = Math.min(COLUMNS, n - j);
      for (int i = 0; i < m; i++) {
        int s = startOffset + i * startStride + j;
        int row = aOffset + i * aRow;
        one(columns, k, a, row, aStep, b, panel, start, s, c, cOffset + i * cStride + j);
      }
      panel += b.panelInts();
    }
  }

  private static void one(
      int columns,
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
    int[] data = b.data();
    switch (b.precision()) {
      case BF16 ->
          Bfloat16Panel.one(columns, k, x, from, step, data, panel, s, sOffset, y, yOffset);
      case F16 -> Float16Panel.one(columns, k, x, from, step, data, panel, s, sOffset, y, yOffset);
      default -> Int8Panel.one(columns, k, x, from, step, data, panel, s, sOffset, y, yOffset);
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
