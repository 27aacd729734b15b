package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Matmul;

/**
 * The projection to the vocabulary: logits = x Wᵀ, with W [V, C] laid out as the token embedding
 * is, because it may be the token embedding. Works on a range of rows, so that the logits of a
 * whole batch need never exist at once.
 */
public final class OutputProjection implements RowProduct {

  private final int width;
  private final int vocabularySize;
  private final Parameter weight;
  private final int forwardPanels;
  private final InputGradient inputGradient;
  private final Matmul matmul;

  /**
   * Makes the projection.
   *
   * @param weight [V, C]
   * @param rows most rows of one call of {@link #backward}
   */
  public OutputProjection(Blueprint blueprint, Parameter weight, int rows) {
    this.vocabularySize = weight.shape().dimension(0);
    this.width = weight.shape().dimension(1);
    this.weight = weight;
    blueprint.overwritesGradient(weight);
    this.forwardPanels = blueprint.panels().forward(weight, true, width, vocabularySize);
    this.inputGradient = new InputGradient(blueprint, weight, false, vocabularySize, width, rows);
    this.matmul = blueprint.kernels().matmul();
    blueprint.scratch(matmul.packedSize(rows, width));
  }

  /** Returns V. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /** logits [rows, V] from x [rows, C]; offsets into the activations. */
  public void forward(Pass pass, int rows, int x, int logits) {
    float[] a = pass.activations();
    matmul.multiply(
        rows,
        vocabularySize,
        width,
        a,
        x,
        width,
        pass.forwardPanels(),
        forwardPanels,
        null,
        0,
        0,
        a,
        logits,
        vocabularySize);
  }

  @Override
  public int in() {
    return width;
  }

  @Override
  public int out() {
    return vocabularySize;
  }

  @Override
  public void columns(int from, int to, float[] weights, float[] panels, float[] x, float[] y) {
    matmul.multiply(
        1,
        to - from,
        width,
        x,
        0,
        width,
        panels,
        forwardPanels + from * width,
        null,
        0,
        0,
        y,
        from,
        vocabularySize);
  }

  /**
   * dx = dLogits W (overwritten); dW += dLogitsᵀ x, or = for the first rows of a fresh pass.
   *
   * @param first whether these are the first rows of the pass
   */
  public void backward(Pass pass, int rows, int x, int dLogits, int dx, boolean first) {
    float[] a = pass.activations();
    float[] gradients = pass.gradients();
    inputGradient.compute(pass, rows, dLogits, dx);
    matmul.pack(rows, width, a, x, width, a, pass.scratch());
    matmul.multiplyTransposed(
        vocabularySize,
        width,
        rows,
        a,
        dLogits,
        vocabularySize,
        a,
        pass.scratch(),
        first ? pass.gradientStart() : gradients,
        weight.offset(),
        width,
        gradients,
        weight.offset(),
        width);
  }

  /** See {@link Linear#flopsPerRow}. */
  public long flopsPerRow() {
    return 2L * width * vocabularySize;
  }
}
