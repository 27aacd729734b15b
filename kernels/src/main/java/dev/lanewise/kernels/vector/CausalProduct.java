package dev.lanewise.kernels.vector;

/**
 * The products of attention, for some query rows: those that write a lower triangular matrix of
 * positions, and those that read one. What lies before the rows' own positions is a rectangle, and
 * a product as any other ({@link MatmulBlocks}); of the triangle that is left only tiles that touch
 * it are computed.
 *
 * <p>Row t of a matrix begins at its offset + t times its stride, also when the rows before the
 * first are not there.
 */
final class CausalProduct {

  private static final int COLUMNS = MatmulTile.COLUMNS;
  private static final int ROWS = MatmulTile4.ROWS;

  private CausalProduct() {}

  /**
   * z(t, s) = a(t) · b(s) at least for s ≤ t, with b packed by columns. A tile may reach past the
   * diagonal within its panel; nothing reads what it leaves there.
   *
   * @param from the first row t; {@code to} is the end
   * @param time rows of b
   */
  static void scores(
      int from,
      int to,
      int time,
      int headSize,
      float[] a,
      int aOffset,
      int aStride,
      float[] packed,
      int packedOffset,
      float[] z,
      int zOffset,
      int zStride) {
    int before = from / COLUMNS * COLUMNS;
    MatmulBlocks.product(
        to - from,
        before,
        headSize,
        a,
        aOffset + from * aStride,
        aStride,
        1,
        packed,
        packedOffset,
        headSize * COLUMNS,
        null,
        0,
        0,
        z,
        zOffset + from * zStride,
        zStride);
    for (int s = before; s < to; s += COLUMNS) {
      int columns = Math.min(COLUMNS, time - s);
      int panel = packedOffset + s * headSize;
      int first = Math.max(s, from);
      int tall = columns == COLUMNS ? first + MatmulBlocks.tallRows(to - first) : first;
      int whole = columns == COLUMNS ? to - (to - tall) % ROWS : first;
      for (int t = first; t < tall; t += MatmulTile6.ROWS) {
        MatmulTile6.rows(
            headSize,
            a,
            aOffset + t * aStride,
            aStride,
            packed,
            panel,
            null,
            0,
            0,
            z,
            zOffset + t * zStride + s,
            zStride);
      }
      for (int t = tall; t < whole; t += ROWS) {
        MatmulTile4.rows(
            headSize,
            a,
            aOffset + t * aStride,
            aStride,
            packed,
            panel,
            null,
            0,
            0,
            z,
            zOffset + t * zStride + s,
            zStride);
      }
      for (int t = whole; t < to; t++) {
        MatmulTile.edge(
            columns,
            headSize,
            a,
            aOffset + t * aStride,
            1,
            packed,
            panel,
            null,
            0,
            z,
            zOffset + t * zStride + s);
      }
    }
  }

  /**
   * c(t) = Σ a(t, s) b(s) over s ≤ t, with b packed by rows.
   *
   * @param from the first row t; {@code to} is the end
   * @param time rows of b
   */
  static void rows(
      int from,
      int to,
      int time,
      int headSize,
      float[] a,
      int aOffset,
      int aStride,
      float[] packed,
      int packedOffset,
      float[] c,
      int cOffset,
      int cStride) {
    float[] start = null;
    if (from > 0) {
      start = c;
      MatmulBlocks.product(
          to - from,
          headSize,
          from,
          a,
          aOffset + from * aStride,
          aStride,
          1,
          packed,
          packedOffset,
          time * COLUMNS,
          null,
          0,
          0,
          c,
          cOffset + from * cStride,
          cStride);
    }
    for (int j = 0; j < headSize; j += COLUMNS) {
      int columns = Math.min(COLUMNS, headSize - j);
      int panel = packedOffset + j * time + from * COLUMNS;
      int whole = columns == COLUMNS ? to - (to - from) % ROWS : from;
      for (int t = from; t < whole; t += ROWS) {
        CausalTile.rows(
            t + 1 - from,
            a,
            aOffset + t * aStride + from,
            aStride,
            packed,
            panel,
            start,
            c,
            cOffset + t * cStride + j,
            cStride);
      }
      for (int t = whole; t < to; t++) {
        MatmulTile.edge(
            columns,
            t + 1 - from,
            a,
            aOffset + t * aStride + from,
            1,
            packed,
            panel,
            start,
            cOffset + t * cStride + j,
            c,
            cOffset + t * cStride + j);
      }
    }
  }

  /**
   * c(s) = start + Σ a(t, s) b(t) over t ≥ s, for all s below {@code to}: the part of the chains
   * that these rows t add. It starts with what is stored, but where the rows are a chain's first.
   *
   * @param from the first row t; {@code to} is the end
   * @param begin whether chains begin at zero where they begin at all
   * @param packed rows from to to of b, packed by rows
   */
  static void columns(
      int from,
      int to,
      boolean begin,
      int headSize,
      float[] a,
      int aOffset,
      int aStride,
      float[] packed,
      int packedOffset,
      float[] c,
      int cOffset,
      int cStride) {
    int depth = to - from;
    MatmulBlocks.product(
        from,
        headSize,
        depth,
        a,
        aOffset + from * aStride,
        1,
        aStride,
        packed,
        packedOffset,
        depth * COLUMNS,
        c,
        cOffset,
        cStride,
        c,
        cOffset,
        cStride);
    float[] start = begin ? null : c;
    for (int j = 0; j < headSize; j += COLUMNS) {
      int columns = Math.min(COLUMNS, headSize - j);
      int panel = packedOffset + j * depth;
      int whole = columns == COLUMNS ? to - depth % ROWS : from;
      for (int s = from; s < whole; s += ROWS) {
        CausalTile.columns(
            to - s,
            a,
            aOffset + s * aStride + s,
            aStride,
            packed,
            panel + (s - from) * COLUMNS,
            start,
            c,
            cOffset + s * cStride + j,
            cStride);
      }
      for (int s = whole; s < to; s++) {
        MatmulTile.edge(
            columns,
            to - s,
            a,
            aOffset + s * aStride + s,
            aStride,
            packed,
            panel + (s - from) * COLUMNS,
            start,
            cOffset + s * cStride + j,
            c,
            cOffset + s * cStride + j);
      }
    }
  }
}
