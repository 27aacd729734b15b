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
  private final int forwardPanels;
  private final WeightProduct product;
  private final WeightGradient weightGradient;
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
    this.forwardPanels = blueprint.panels().forward(weight, true, width, vocabularySize);
    this.matmul = blueprint.kernels().matmul();
    this.product = new WeightProduct(matmul, width, vocabularySize);
    this.weightGradient = new WeightGradient(blueprint, weight, rows);
    this.inputGradient = new InputGradient(blueprint, weight, false, vocabularySize, width, rows);
    blueprint.scratch(weightGradient.scratchSize() + inputGradient.scratchSize());
  }

  /** Returns V. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /** logits [rows, V] from x [rows, C]; offsets into the activations. */
  public void forward(Pass pass, int rows, int x, int logits) {
    pass.meet();
    product.compute(pass, rows, x, pass.forwardPanels(), forwardPanels, null, 0, logits);
    pass.meet();
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
    int scratch = pass.scratch();
    int inputScratch = scratch + (int) weightGradient.scratchSize();
    float[] start = first ? pass.gradientStart() : pass.gradients();
    pass.meet();
    weightGradient.prepare(pass, rows, dLogits, x, scratch);
    inputGradient.prepare(pass, rows, dLogits, inputScratch);
    pass.meet();
    weightGradient.compute(pass, rows, dLogits, scratch, start);
    inputGradient.compute(pass, rows, dLogits, dx, inputScratch);
    pass.meet();
  }

  /** See {@link Linear#flopsPerRow}. */
  public long flopsPerRow() {
    return 2L * width * vocabularySize;
  }
}
