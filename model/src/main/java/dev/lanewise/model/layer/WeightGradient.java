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
 * The gradient of a weight matrix as it lies, W [m, n]: dW = start + uᵀ v, with u [rows, m] and v
 * [rows, n]. Where W is [in, out], u is the input x and v is dy; where it is [out, in], the other
 * way round. Each member of a team computes some rows of dW.
 */
final class WeightGradient {

  private final Target target;
  private final boolean transposed;
  private final int m;
  private final int n;
  private final Scratch.Place packed;
  private final Matmul matmul;

  /** Finds dW for a pass. */
  @FunctionalInterface
  interface Target {
    /** Returns the matrix [m, n]. */
    Matrix of(Pass pass);
  }

  /**
   * Plans the gradient of a weight.
   *
   * @param transposed whether W is [out, in]
   * @param rows most rows of one call
   */
  WeightGradient(
      Blueprint blueprint,
      Scratch.Operation scratch,
      Parameter weight,
      boolean transposed,
      int rows) {
    this(
        blueprint,
        scratch,
        weight.shape().dimension(0),
        weight.shape().dimension(1),
        pass -> pass.gradient(weight),
        transposed,
        rows);
    blueprint.overwritesGradient(weight);
  }

  /** As the other, of a matrix that lies anywhere. */
  WeightGradient(
      Blueprint blueprint,
      Scratch.Operation scratch,
      int m,
      int n,
      Target target,
      boolean transposed,
      int rows) {
    this.target = target;
    this.transposed = transposed;
    this.m = m;
    this.n = n;
    this.matmul = blueprint.kernels().matmul();
    this.packed = scratch.packed(new PackedMatrix.Size(rows, n));
  }

  /**
   * Prepares this member's part of v. A barrier has to come before {@link #compute}.
   *
   * @param xRow the first row of x
   * @throws IllegalArgumentException if that is not 0 where W is [in, out]
   */
  void prepare(Pass pass, int rows, Activation x, int xRow, Activation dy) {
    if (!transposed && xRow != 0) {
      throw new IllegalArgumentException("rows of x from %d on".formatted(xRow));
    }
    Matrix v = pass.view(transposed ? x : dy);
    int vRow = transposed ? xRow : 0;
    int unit = matmul.columnUnit();
    int from = pass.member().from(n, unit);
    int to = pass.member().to(n, unit);
    matmul.pack(rows, v, vRow, pass.packedScratch(packed), 0, from, to);
  }

  /**
   * Computes this member's rows of dW.
   *
   * @param fresh whether the chains begin at zero, and not at the gradient so far
   */
  void compute(Pass pass, int rows, Activation x, Activation dy, boolean fresh) {
    Matrix u = pass.transposed(transposed ? dy : x);
    Matrix gradient = target.of(pass);
    int from = pass.member().from(m, CacheLine.FLOATS);
    int to = pass.member().to(m, CacheLine.FLOATS);
    PackedMatrix v = pass.packedScratch(packed);
    Matrix start = fresh ? null : gradient;
    matmul.multiply(
        to - from, rows, u, from, v, 0, n, start, gradient, from, pass.productScratch());
  }
}
