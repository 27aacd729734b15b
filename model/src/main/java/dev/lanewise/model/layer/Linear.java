package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Elementwise;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.Scratch;
import java.util.List;

/**
 * y = x B + b, with B [in, out]: the weight as it lies, or its transpose where the weight is a
 * table of rows for each output, as a token embedding is.
 */
final class Linear {

  private static final String KERNEL = "matmul";

  private final int in;
  private final int out;
  private final Parameter bias;
  private final WeightProduct product;
  private final WeightGradient weightGradient;
  private final InputGradient inputGradient;

  /** Null where nothing is added to the weight. */
  private final LowRankAdapter adapter;

  private final LayerWork forwardWork;
  private final LayerWork backwardWork;
  private final Elementwise elementwise;

  /**
   * Makes the layer {@code name} with parameters {@code name.weight} [in, out] and {@code
   * name.bias}.
   */
  public Linear(
      Blueprint blueprint, String name, int in, int out, boolean hasBias, Initializer initializer) {
    this(blueprint, name, in, List.of(out), null, null, hasBias, initializer);
  }

  /**
   * Makes several layers of one input as one product, their outputs side by side.
   *
   * @param outs the outputs of each
   * @param y where they will be
   * @param dy where their gradients will be
   */
  public Linear(
      Blueprint blueprint,
      String name,
      int in,
      List<Integer> outs,
      Activation y,
      Activation dy,
      boolean hasBias,
      Initializer initializer) {
    this(
        blueprint,
        name,
        blueprint.parameter(name + ".weight", Role.HIDDEN, initializer, in, outs),
        false,
        hasBias ? bias(blueprint, name, outs) : null,
        (int) blueprint.rows(),
        y,
        dy);
  }

  private static Parameter bias(Blueprint blueprint, String name, List<Integer> outs) {
    int out = outs.stream().mapToInt(Integer::intValue).sum();
    return blueprint.parameter(name + ".bias", Role.BIAS, Initializer.ZEROS, out);
  }

  /**
   * Makes a layer without bias of a weight [out, in], which may be another layer's too.
   *
   * @param rows most rows of one call
   */
  public static Linear ofTable(Blueprint blueprint, String name, Parameter weight, int rows) {
    return new Linear(blueprint, name, weight, true, null, rows, null, null);
  }

  private Linear(
      Blueprint blueprint,
      String name,
      Parameter weight,
      boolean transposed,
      Parameter bias,
      int rows,
      Activation y,
      Activation dy) {
    this.in = weight.shape().dimension(transposed ? 1 : 0);
    this.out = weight.shape().dimension(transposed ? 0 : 1);
    this.bias = bias;
    int panels = blueprint.panels().forward(weight, transposed, rows);
    this.product = new WeightProduct(blueprint, in, out, panels);
    this.elementwise = blueprint.kernels().elementwise();
    Scratch.Operation scratch = blueprint.scratch();
    this.weightGradient =
        weight.trainable()
            ? new WeightGradient(blueprint, scratch, weight, transposed, rows)
            : null;
    this.inputGradient = new InputGradient(blueprint, scratch, weight, transposed, rows);
    this.adapter = LowRankAdapter.of(blueprint, scratch, name, weight, y, dy);
    this.forwardWork = LayerWork.products(name, LayerWork.FORWARD, KERNEL, flopsPerRow());
    this.backwardWork = LayerWork.products(name, LayerWork.BACKWARD, KERNEL, backwardFlopsPerRow());
  }

  /** y [rows, out] from x [rows, in], all rows of the pass. */
  public void forward(Pass pass, Activation x, Activation y) {
    LayerEvent event = LayerEvent.start(pass.member());
    forward(pass, pass.rows(), x, 0, y);
    LayerEvent.end(event, forwardWork, pass.ownRows());
  }

  /** y [0, rows) from rows of x from {@code xRow} on. A barrier before and after. */
  void forward(Pass pass, int rows, Activation x, int xRow, Activation y) {
    pass.barrier();
    Matrix shift = pass.optionalWeight(bias);
    product.compute(pass, rows, pass.view(x), xRow, shift, pass.view(y), 0);
    if (adapter != null) {
      adapter.prepareForward(pass, x);
      pass.barrier();
      adapter.forward(pass, y);
    }
    pass.barrier();
  }

  /** dx = dy Bᵀ (overwritten); dB += xᵀ dy, or = in a fresh pass; db += Σ dy. */
  public void backward(Pass pass, Activation x, Activation dy, Activation dx) {
    LayerEvent event = LayerEvent.start(pass.member());
    backward(pass, pass.rows(), x, dy, dx, 0, pass.isFresh());
    LayerEvent.end(event, backwardWork, pass.ownRows());
  }

  /**
   * As the public one, for some rows: those of dy from 0 on, of x and dx from {@code row} on.
   *
   * @param fresh whether the weight's gradient is overwritten
   */
  void backward(
      Pass pass, int rows, Activation x, Activation dy, Activation dx, int row, boolean fresh) {
    pass.barrier();
    if (weightGradient != null) {
      weightGradient.prepare(pass, rows, x, row, dy);
    }
    inputGradient.prepare(pass, rows, dy);
    if (adapter != null) {
      adapter.prepareBackward(pass, x, dy);
    }
    pass.barrier();
    if (weightGradient != null) {
      weightGradient.compute(pass, rows, x, dy, fresh);
    }
    if (bias != null && bias.trainable()) {
      int from = pass.member().from(out, CacheLine.FLOATS);
      int to = pass.member().to(out, CacheLine.FLOATS);
      elementwise.biasGradient(rows, from, to, pass.view(dy), pass.gradient(bias));
    }
    inputGradient.compute(pass, rows, dy, dx, row);
    if (adapter != null) {
      adapter.backward(pass, x, dy, dx, fresh);
    }
    pass.barrier();
  }

  /** Returns the number of outputs. */
  public int out() {
    return out;
  }

  /** Multiply-adds per row of forward, counted as two operations each. */
  public long flopsPerRow() {
    return 2L * in * out + (adapter == null ? 0 : adapter.flopsPerRow());
  }

  /** As {@link #flopsPerRow}, of backward: half of it is the weight's gradient, if there is one. */
  public long backwardFlopsPerRow() {
    long ofWeight = (weightGradient == null ? 1 : 2) * 2L * in * out;
    return ofWeight + (adapter == null ? 0 : 2 * adapter.flopsPerRow());
  }
}
