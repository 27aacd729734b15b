package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.CacheLine;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Matmul;

/**
 * What a product with a weight matrix passes back to its input: dx = dy B, where B [k, n] is the
 * weight as it lies, or its transpose.
 *
 * <p>There are two ways with the same bits. With many rows B is packed, once per optimizer step.
 * With few, dxᵀ = Bᵀ dyᵀ reads the weight where it lies, and it is dy and dx that are transposed:
 * that spares writing and holding a second copy of weights that are larger than the activations.
 */
final class InputGradient {

  private final int k;
  private final int n;
  private final Parameter weight;
  private final boolean transposed;
  private final boolean inPlace;
  private final int panels;
  private final long scratchSize;
  private final Matmul matmul;
  private final WeightProduct product;

  /**
   * Plans dx [rows, n] = dy [rows, k] B.
   *
   * @param transposed whether the weight is Bᵀ: n rows of k
   * @param rows most rows of one call
   */
  InputGradient(
      Blueprint blueprint, Parameter weight, boolean transposed, int k, int n, long rows) {
    this.k = k;
    this.n = n;
    this.weight = weight;
    this.transposed = transposed;
    this.matmul = blueprint.kernels().matmul();
    this.product = new WeightProduct(matmul, k, n);
    // What is transposed, dy and dx, against what is packed; a weight that is read down its columns
    // must not have them in few places of the cache.
    boolean readable = transposed || CacheLine.columnStride(n) == n;
    this.inPlace = readable && 2 * rows * (k + n) <= (long) k * n;
    this.panels = inPlace ? 0 : blueprint.panels().backward(weight, transposed, k, n);
    this.scratchSize = inPlace ? matmul.packedSize(k, (int) rows) + rows * n : 0;
  }

  /** Returns the floats of scratch that both methods are to be given. */
  long scratchSize() {
    return scratchSize;
  }

  /** Prepares this member's part of dy. The team has to meet before {@link #compute}. */
  void prepare(Pass pass, int rows, int dy, int scratch) {
    if (inPlace) {
      float[] a = pass.activations();
      int from = pass.from(rows, matmul.panelWidth());
      int to = pass.to(rows, matmul.panelWidth());
      matmul.packTransposed(k, to - from, a, dy + from * k, k, a, scratch + from * k);
    }
  }

  /** dx = dy B (overwritten), this member's part; offsets into the activations. */
  void compute(Pass pass, int rows, int dy, int dx, int scratch) {
    if (inPlace) {
      computeInPlace(pass, rows, dx, scratch);
    } else {
      product.compute(pass, rows, dy, pass.backwardPanels(), panels, null, 0, dx);
    }
  }

  private void computeInPlace(Pass pass, int rows, int dx, int packedDy) {
    float[] a = pass.activations();
    float[] weights = pass.weights();
    int from = pass.from(n, CacheLine.FLOATS);
    int columns = pass.to(n, CacheLine.FLOATS) - from;
    int dxTransposed = packedDy + matmul.packedSize(k, rows) + from * rows;
    int offset = weight.offset() + (transposed ? from * k : from);
    if (transposed) {
      matmul.multiply(
          columns, rows, k, weights, offset, k, a, packedDy, null, 0, 0, a, dxTransposed, rows);
    } else {
      matmul.multiplyTransposed(
          columns, rows, k, weights, offset, n, a, packedDy, null, 0, 0, a, dxTransposed, rows);
    }
    matmul.transpose(columns, rows, a, dxTransposed, rows, a, dx + from, n);
  }
}
