package dev.lanewise.model.layer;

import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.UnpackedMatrix;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/**
 * y [rows, n] = start + x [rows, k] B with weights B, packed or not, cut among the members of a
 * team: by columns, so that each reads weights of its own; where there are few columns, by rows.
 */
final class WeightProduct {

  /** Panels for each member, at least, to be cut by columns: a panel is not cut. */
  private static final int FEWEST_PANELS = 4;

  private final Matmul matmul;
  private final int k;
  private final int n;
  private final Operand b;

  /** Finds B for a pass. */
  @FunctionalInterface
  interface Operand {
    /** Returns the packed matrix [k, n]. */
    PackedMatrix of(Pass pass);
  }

  /** Makes the product. */
  WeightProduct(Blueprint blueprint, int k, int n, Operand b) {
    this.matmul = blueprint.kernels().matmul();
    this.k = k;
    this.n = n;
    this.b = b;
  }

  /**
   * Makes the product with a weight.
   *
   * @param panels the number of B among the packed weights
   */
  WeightProduct(Blueprint blueprint, int k, int n, int panels) {
    this(blueprint, k, n, pass -> pass.operand(panels));
  }

  /**
   * Computes this member's part of rows of y from {@code yRow} on.
   *
   * @param bias a row, or null
   */
  void compute(Pass pass, int rows, Matrix x, int xRow, Matrix bias, Matrix y, int yRow) {
    int unit = matmul.columnUnit();
    PackedMatrix operand = b.of(pass);
    // What is packed on the way is packed by each member that reads it.
    int fewest = operand instanceof UnpackedMatrix ? 1 : FEWEST_PANELS;
    boolean byColumns = n >= fewest * unit * pass.member().teamSize();
    int row = byColumns ? 0 : pass.member().from(rows, 1);
    int endRow = byColumns ? rows : pass.member().to(rows, 1);
    int column = byColumns ? pass.member().from(n, unit) : 0;
    int endColumn = byColumns ? pass.member().to(n, unit) : n;
    matmul.multiply(
        endRow - row,
        k,
        x,
        xRow + row,
        operand,
        column,
        endColumn,
        bias,
        y,
        yRow + row,
        pass.productScratch());
  }
}
