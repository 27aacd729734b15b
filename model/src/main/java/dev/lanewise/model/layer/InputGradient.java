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
  private final Matmul matmul;

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
    // What is transposed, dy and dx, against what is packed; a weight that is read down its columns
    // must not have them in few places of the cache.
    boolean readable = transposed || CacheLine.columnStride(n) == n;
    this.inPlace = readable && 2 * rows * (k + n) <= (long) k * n;
    this.panels = inPlace ? 0 : blueprint.panels().backward(weight, transposed, k, n);
    if (inPlace) {
      blueprint.scratch(matmul.packedSize(k, (int) rows) + rows * n);
    }
  }

  /** dx = dy B (overwritten); offsets into the activations. Uses scratch. */
  void compute(Pass pass, int rows, int dy, int dx) {
    if (inPlace) {
      computeInPlace(pass, rows, dy, dx);
    } else {
      float[] a = pass.activations();
      matmul.multiply(rows, n, k, a, dy, k, pass.backwardPanels(), panels, null, 0, 0, a, dx, n);
    }
  }

  private void computeInPlace(Pass pass, int rows, int dy, int dx) {
    float[] a = pass.activations();
    float[] weights = pass.weights();
    int offset = weight.offset();
    int packedDy = pass.scratch();
    int dxTransposed = packedDy + matmul.packedSize(k, rows);
    matmul.packTransposed(k, rows, a, dy, k, a, packedDy);
    if (transposed) {
      matmul.multiply(
          n, rows, k, weights, offset, k, a, packedDy, null, 0, 0, a, dxTransposed, rows);
    } else {
      matmul.multiplyTransposed(
          n, rows, k, weights, offset, n, a, packedDy, null, 0, 0, a, dxTransposed, rows);
    }
    matmul.transpose(n, rows, a, dxTransposed, rows, a, dx, n);
  }
}
