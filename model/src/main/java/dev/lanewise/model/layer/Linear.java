package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.tensor.CacheLine;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Elementwise;
import dev.lanewise.kernels.Matmul;

/** y = x W + b, with W of shape [in, out] as in GPT-2. */
public final class Linear implements RowProduct {

  private final String name;
  private final int in;
  private final int out;
  private final Parameter weight;
  private final Parameter bias;
  private final int forwardPanels;
  private final WeightProduct product;
  private final WeightGradient weightGradient;
  private final InputGradient inputGradient;
  private final Matmul matmul;
  private final Elementwise elementwise;

  /** Makes the layer {@code name} with parameters {@code name.weight} and {@code name.bias}. */
  public Linear(Blueprint blueprint, String name, int in, int out, boolean hasBias) {
    this.name = name;
    this.in = in;
    this.out = out;
    this.weight = blueprint.parameter(name + ".weight", in, out);
    this.bias = hasBias ? blueprint.parameter(name + ".bias", out) : null;
    this.forwardPanels = blueprint.panels().forward(weight, false, in, out);
    this.matmul = blueprint.kernels().matmul();
    this.elementwise = blueprint.kernels().elementwise();
    this.product = new WeightProduct(matmul, in, out);
    this.weightGradient = new WeightGradient(blueprint, weight, blueprint.rows());
    this.inputGradient = new InputGradient(blueprint, weight, true, out, in, blueprint.rows());
    blueprint.scratch(weightGradient.scratchSize() + inputGradient.scratchSize());
  }

  /** y [rows, out] from x [rows, in]; offsets into the activations. */
  public void forward(Pass pass, int x, int y) {
    LayerEvent event = LayerEvent.start();
    float[] shift = bias == null ? null : pass.weights();
    int shiftOffset = bias == null ? 0 : bias.offset();
    pass.meet();
    product.compute(
        pass, pass.rows(), x, pass.forwardPanels(), forwardPanels, shift, shiftOffset, y);
    pass.meet();
    LayerEvent.end(event, name, "forward");
  }

  @Override
  public int in() {
    return in;
  }

  @Override
  public int out() {
    return out;
  }

  @Override
  public void columns(int from, int to, float[] weights, float[] panels, float[] x, float[] y) {
    matmul.multiply(
        1,
        to - from,
        in,
        x,
        0,
        in,
        panels,
        forwardPanels + from * in,
        bias == null ? null : weights,
        bias == null ? 0 : bias.offset() + from,
        0,
        y,
        from,
        out);
  }

  /** dx = dy Wᵀ (overwritten); dW += xᵀ dy, or = in a fresh pass; db += Σ dy. */
  public void backward(Pass pass, int x, int dy, int dx) {
    LayerEvent event = LayerEvent.start();
    int rows = pass.rows();
    int scratch = pass.scratch();
    int inputScratch = scratch + (int) weightGradient.scratchSize();
    pass.meet();
    weightGradient.prepare(pass, rows, x, dy, scratch);
    inputGradient.prepare(pass, rows, dy, inputScratch);
    pass.meet();
    weightGradient.compute(pass, rows, x, scratch, pass.gradientStart());
    if (bias != null) {
      biasGradient(pass, dy);
    }
    inputGradient.compute(pass, rows, dy, dx, inputScratch);
    pass.meet();
    LayerEvent.end(event, name, "backward");
  }

  private void biasGradient(Pass pass, int dy) {
    int from = pass.from(out, CacheLine.FLOATS);
    int columns = pass.to(out, CacheLine.FLOATS) - from;
    elementwise.biasGradient(
        pass.rows(),
        columns,
        pass.activations(),
        dy + from,
        out,
        pass.gradients(),
        bias.offset() + from);
  }

  /** Multiply-adds per row of forward, counted as two operations each. */
  public long flopsPerRow() {
    return 2L * in * out;
  }
}
