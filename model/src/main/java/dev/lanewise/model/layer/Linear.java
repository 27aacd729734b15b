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
  private final InputGradient inputGradient;
  private final int columnStride;
  private final Matmul matmul;
  private final Elementwise elementwise;

  /** Makes the layer {@code name} with parameters {@code name.weight} and {@code name.bias}. */
  public Linear(Blueprint blueprint, String name, int in, int out, boolean hasBias) {
    this.name = name;
    this.in = in;
    this.out = out;
    this.weight = blueprint.parameter(name + ".weight", in, out);
    blueprint.overwritesGradient(weight);
    this.bias = hasBias ? blueprint.parameter(name + ".bias", out) : null;
    this.forwardPanels = blueprint.panels().forward(weight, false, in, out);
    this.inputGradient = new InputGradient(blueprint, weight, true, out, in, blueprint.rows());
    this.matmul = blueprint.kernels().matmul();
    this.elementwise = blueprint.kernels().elementwise();
    this.columnStride = CacheLine.columnStride(in);
    int rows = Math.toIntExact(blueprint.rows());
    long copy = columnStride == in ? 0 : (long) rows * columnStride;
    blueprint.scratch(matmul.packedSize(rows, out) + copy);
  }

  /** y [rows, out] from x [rows, in]; offsets into the activations. */
  public void forward(Pass pass, int x, int y) {
    LayerEvent event = LayerEvent.start();
    float[] a = pass.activations();
    matmul.multiply(
        pass.rows(),
        out,
        in,
        a,
        x,
        in,
        pass.forwardPanels(),
        forwardPanels,
        bias == null ? null : pass.weights(),
        bias == null ? 0 : bias.offset(),
        0,
        a,
        y,
        out);
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
    float[] a = pass.activations();
    float[] gradients = pass.gradients();
    int packedDy = pass.scratch();
    matmul.pack(rows, out, a, dy, out, a, packedDy);
    matmul.multiplyTransposed(
        in,
        out,
        rows,
        a,
        readableDown(a, x, rows, packedDy + matmul.packedSize(rows, out)),
        columnStride,
        a,
        packedDy,
        pass.gradientStart(),
        weight.offset(),
        out,
        gradients,
        weight.offset(),
        out);
    if (bias != null) {
      elementwise.biasGradient(rows, out, a, dy, gradients, bias.offset());
    }
    inputGradient.compute(pass, rows, dy, dx);
    LayerEvent.end(event, name, "backward");
  }

  /** Returns where x [rows, in] can be read down its columns: itself, or a copy at {@code free}. */
  private int readableDown(float[] a, int x, int rows, int free) {
    if (columnStride == in) {
      return x;
    }
    for (int r = 0; r < rows; r++) {
      System.arraycopy(a, x + r * in, a, free + r * columnStride, in);
    }
    return free;
  }

  /** Multiply-adds per row of forward, counted as two operations each. */
  public long flopsPerRow() {
    return 2L * in * out;
  }
}
