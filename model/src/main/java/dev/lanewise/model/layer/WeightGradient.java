package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.CacheLine;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Matmul;

/**
 * The gradient of a weight matrix W [in, out]: dW = start + uᵀ v, with u [rows, in] and v [rows,
 * out]. Each member of a team computes some rows of dW.
 */
final class WeightGradient {

  private final Parameter weight;
  private final int in;
  private final int out;
  private final int columnStride;
  private final long scratchSize;
  private final Matmul matmul;

  /**
   * Plans the gradient.
   *
   * @param rows most rows of one call
   */
  WeightGradient(Blueprint blueprint, Parameter weight, long rows) {
    this.weight = weight;
    this.in = weight.shape().dimension(0);
    this.out = weight.shape().dimension(1);
    this.matmul = blueprint.kernels().matmul();
    this.columnStride = CacheLine.columnStride(in);
    long copy = isCopied() ? rows * columnStride : 0;
    this.scratchSize = matmul.packedSize((int) rows, out) + copy;
    blueprint.overwritesGradient(weight);
  }

  private boolean isCopied() {
    return columnStride != in;
  }

  /** Returns the floats of scratch that both methods are to be given. */
  long scratchSize() {
    return scratchSize;
  }

  /** Prepares this member's part of u and v. The team has to meet before {@link #compute}. */
  void prepare(Pass pass, int rows, int u, int v, int scratch) {
    float[] a = pass.activations();
    int from = pass.from(out, matmul.panelWidth());
    int to = pass.to(out, matmul.panelWidth());
    matmul.pack(rows, to - from, a, v + from, out, a, scratch + from * rows);
    if (isCopied()) {
      int copy = scratch + matmul.packedSize(rows, out);
      for (int r = pass.from(rows, 1); r < pass.to(rows, 1); r++) {
        System.arraycopy(a, u + r * in, a, copy + r * columnStride, in);
      }
    }
  }

  /**
   * Computes this member's rows of dW.
   *
   * @param start where the chains begin: null for zero, or the gradients so far
   */
  void compute(Pass pass, int rows, int u, int scratch, float[] start) {
    float[] a = pass.activations();
    int from = pass.from(in, CacheLine.FLOATS);
    int to = pass.to(in, CacheLine.FLOATS);
    int readable = isCopied() ? scratch + matmul.packedSize(rows, out) : u;
    int target = weight.offset() + from * out;
    matmul.multiplyTransposed(
        to - from,
        out,
        rows,
        a,
        readable + from,
        columnStride,
        a,
        scratch,
        start,
        target,
        out,
        pass.gradients(),
        target,
        out);
  }
}
