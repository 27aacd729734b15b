package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.Scratch;

/**
 * What a product with a weight matrix passes back to its input: dx [rows, in] = dy [rows, out] Bᵀ.
 *
 * <p>There are two ways with the same bits. With many rows Bᵀ is packed, once per optimizer step
 * or, of a large model, on the way. With few, dxᵀ = B dyᵀ reads the weight where it lies, and it is
 * dy and dx that are transposed: that spares writing and holding a second copy of weights that are
 * larger than the activations.
 */
final class InputGradient {

  private final int in;
  private final int out;
  private final Parameter weight;
  private final boolean transposed;
  private final boolean inPlace;
  private final WeightProduct product;
  private final Scratch.Place packedDy;
  private final Scratch.Place dxTransposed;
  private final Matmul matmul;

  /**
   * Plans the gradient.
   *
   * @param transposed whether the weight is [out, in]
   * @param rows most rows of one call
   */
  InputGradient(
      Blueprint blueprint,
      Scratch.Operation scratch,
      Parameter weight,
      boolean transposed,
      int rows) {
    this.weight = weight;
    this.transposed = transposed;
    this.in = weight.shape().dimension(transposed ? 1 : 0);
    this.out = weight.shape().dimension(transposed ? 0 : 1);
    this.matmul = blueprint.kernels().matmul();
    // What is transposed, dy and dx, against what is packed; a weight that is read down its columns
    // must not have them in few places of the cache.
    boolean readable = !transposed || CacheLine.columnStride(in) == in;
    this.inPlace = readable && 2L * rows * (in + out) <= (long) in * out;
    int panels =
        inPlace
            ? blueprint.panels().backwardIfHeld(weight, !transposed)
            : blueprint.panels().backward(weight, !transposed, rows);
    this.product = new WeightProduct(blueprint, out, in, panels);
    this.packedDy = inPlace ? scratch.packed(new PackedMatrix.Size(out, rows)) : null;
    this.dxTransposed = inPlace ? scratch.matrix(in, rows) : null;
  }

  /** A weight that is held packed alone does not lie anywhere. */
  private boolean isInPlace(Pass pass) {
    return inPlace && !pass.panels().holds(weight);
  }

  /** Prepares this member's part of dy. A barrier has to come before {@link #compute}. */
  void prepare(Pass pass, int rows, Activation dy) {
    if (isInPlace(pass)) {
      int from = pass.member().from(rows, matmul.columnUnit());
      int to = pass.member().to(rows, matmul.columnUnit());
      matmul.pack(out, pass.transposed(dy), 0, pass.packedScratch(packedDy), 0, from, to);
    }
  }

  /** Overwrites this member's part of dx, rows from {@code dxRow} on. */
  void compute(Pass pass, int rows, Activation dy, Activation dx, int dxRow) {
    if (isInPlace(pass)) {
      computeInPlace(pass, rows, dx, dxRow);
      return;
    }
    product.compute(pass, rows, pass.view(dy), 0, null, pass.view(dx), dxRow);
  }

  private void computeInPlace(Pass pass, int rows, Activation dx, int dxRow) {
    Matrix b = transposed ? pass.transposedWeight(weight) : pass.weight(weight);
    int from = pass.member().from(in, CacheLine.FLOATS);
    int count = pass.member().to(in, CacheLine.FLOATS) - from;
    PackedMatrix dyTransposed = pass.packedScratch(packedDy);
    Matrix result = pass.scratch(dxTransposed);
    matmul.multiply(
        count, out, b, from, dyTransposed, 0, rows, null, result, from, pass.productScratch());
    matmul.transpose(count, rows, result, from, pass.view(dx), dxRow, from);
  }
}
