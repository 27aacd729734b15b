package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedInts;
import dev.lanewise.kernels.Precision;
import java.util.EnumMap;
import java.util.Map;

/**
 * Products with a matrix of numbers smaller than floats. A row alone, and eight at once, widen the
 * numbers in registers as they go, since it is memory that they wait for. Other rows share the
 * work, see {@link PackingMatmul}.
 */
final class IntMatmul {

  private static final int COLUMNS = MatmulTile.COLUMNS;

  /** Fewer rows than these go one by one. */
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

  /** As {@link PackingMatmul#product}, of any number of rows. */
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
    if (areEights(m, k, aStep, b)) {
      eights(
          m,
          n / COLUMNS,
          k,
          a,
          aOffset,
          aRow,
          b,
          panel,
          start,
          startOffset,
          startStride,
          c,
          cOffset,
          cStride);
      int done = n / COLUMNS * COLUMNS;
      if (done < n) {
        PackingMatmul.product(
            m,
            n - done,
            k,
            a,
            aOffset,
            aRow,
            aStep,
            b,
            fromColumn + done,
            start,
            startOffset + done,
            startStride,
            c,
            cOffset + done,
            cStride,
            widened,
            widenedOffset);
      }
      return;
    }
    PackingMatmul.product(
        m,
        n,
        k,
        a,
        aOffset,
        aRow,
        aStep,
        b,
        fromColumn,
        start,
        startOffset,
        startStride,
        c,
        cOffset,
        cStride,
        widened,
        widenedOffset);
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

  /**
   * Whether rows go through the panels by eights. There is no such tile of F16, and an odd k of
   * INT8 would need a case of its own.
   */
  private static boolean areEights(int m, int k, int aStep, PackedInts b) {
    boolean fits =
        switch (b.precision()) {
          case BF16 -> true;
          case INT8 -> k % 2 == 0;
          default -> false;
        };
    return fits && aStep == 1 && MatmulBlocks.eightRows(m) == m;
  }

  /** Eights of rows by one whole panel after the other. */
  private static void eights(
      int m,
      int panels,
      int k,
      float[] a,
      int aOffset,
      int aRow,
      PackedInts b,
      int firstPanel,
      float[] start,
      int startOffset,
      int startStride,
      float[] c,
      int cOffset,
      int cStride) {
    int[] data = b.data();
    for (int q = 0; q < panels; q++) {
      int panel = firstPanel + q * b.panelInts();
      for (int i = 0; i < m; i += MatmulTile8.ROWS) {
        int s = startOffset + i * startStride + q * COLUMNS;
        int o = cOffset + i * cStride + q * COLUMNS;
        int row = aOffset + i * aRow;
        if (b.precision() == Precision.BF16) {
          Bfloat16Panel.eight(k, a, row, aRow, data, panel, start, s, startStride, c, o, cStride);
        } else {
          Int8Panel.eight(k, a, row, aRow, data, panel, start, s, startStride, c, o, cStride);
        }
      }
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
