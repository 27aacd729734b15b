package dev.lanewise.model.layer;

import dev.lanewise.kernels.Matmul;

/**
 * y [rows, n] = start + x [rows, k] B, with packed weights B [k, n]: shared out among a team, by
 * columns, so that each member reads weights of its own; where there are few columns, by rows.
 */
final class WeightProduct {

  /** Panels for each member, at least, to be cut by columns: a panel is not cut. */
  private static final int FEWEST_PANELS = 4;

  private final Matmul matmul;
  private final int k;
  private final int n;

  WeightProduct(Matmul matmul, int k, int n) {
    this.matmul = matmul;
    this.k = k;
    this.n = n;
  }

  /**
   * Computes this member's part.
   *
   * @param x offset into the activations, likewise y
   * @param bias a row of n, or null
   */
  void compute(
      Pass pass, int rows, int x, float[] panels, int panel, float[] bias, int biasOffset, int y) {
    int panelWidth = matmul.panelWidth();
    boolean byColumns = n >= FEWEST_PANELS * panelWidth * pass.members();
    int row = byColumns ? 0 : pass.from(rows, 1);
    int endRow = byColumns ? rows : pass.to(rows, 1);
    int column = byColumns ? pass.from(n, panelWidth) : 0;
    int endColumn = byColumns ? pass.to(n, panelWidth) : n;
    float[] a = pass.activations();
    matmul.multiply(
        endRow - row,
        endColumn - column,
        k,
        a,
        x + row * k,
        k,
        panels,
        panel + column * k,
        bias,
        biasOffset + column,
        0,
        a,
        y + row * n + column,
        n);
  }
}
