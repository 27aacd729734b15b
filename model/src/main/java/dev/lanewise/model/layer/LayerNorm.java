package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.tensor.CacheLine;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Elementwise;

/** Layer normalisation with gain and optional bias. */
public final class LayerNorm {

  private final String name;
  private final int width;
  private final Parameter gain;
  private final Parameter bias;
  private final int mean;
  private final int rstd;
  private final dev.lanewise.kernels.LayerNorm kernel;
  private final Elementwise elementwise;

  /** Makes the layer {@code name} with parameters {@code name.weight} and {@code name.bias}. */
  public LayerNorm(Blueprint blueprint, String name, int width, boolean hasBias) {
    this.name = name;
    this.width = width;
    this.gain = blueprint.parameter(name + ".weight", width);
    this.bias = hasBias ? blueprint.parameter(name + ".bias", width) : null;
    this.mean = blueprint.activation(name + ".mean", blueprint.rows());
    this.rstd = blueprint.activation(name + ".rstd", blueprint.rows());
    this.kernel = blueprint.kernels().layerNorm();
    this.elementwise = blueprint.kernels().elementwise();
  }

  /** y from x, both [rows, width]. */
  public void forward(Pass pass, int x, int y) {
    LayerEvent event = LayerEvent.start();
    float[] a = pass.activations();
    int row = pass.fromRow();
    int rows = pass.toRow() - row;
    int at = row * width;
    forward(rows, pass.weights(), a, x + at, a, y + at, a, mean + row, rstd + row);
    LayerEvent.end(event, name, "forward");
  }

  void forward(
      int rows,
      float[] weights,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      float[] moments,
      int meanOffset,
      int rstdOffset) {
    kernel.forward(
        rows,
        width,
        x,
        xOffset,
        weights,
        gain.offset(),
        bias == null ? null : weights,
        bias == null ? 0 : bias.offset(),
        y,
        yOffset,
        moments,
        meanOffset,
        moments,
        rstdOffset);
  }

  /** Adds the gradient of x to dx, and those of gain and bias to theirs. */
  public void backward(Pass pass, int x, int dy, int dx) {
    LayerEvent event = LayerEvent.start();
    float[] a = pass.activations();
    int row = pass.fromRow();
    int at = row * width;
    kernel.backward(
        pass.toRow() - row,
        width,
        a,
        x + at,
        pass.weights(),
        gain.offset(),
        a,
        mean + row,
        a,
        rstd + row,
        a,
        dy + at,
        a,
        dx + at);
    parameterGradients(pass, x, dy);
    LayerEvent.end(event, name, "backward");
  }

  /** Of some columns: what it reads of other members' rows was complete before this layer began. */
  private void parameterGradients(Pass pass, int x, int dy) {
    float[] a = pass.activations();
    float[] gradients = pass.gradients();
    int from = pass.from(width, CacheLine.FLOATS);
    int columns = pass.to(width, CacheLine.FLOATS) - from;
    kernel.gainGradient(
        pass.rows(),
        columns,
        width,
        a,
        x + from,
        a,
        mean,
        a,
        rstd,
        a,
        dy + from,
        gradients,
        gain.offset() + from);
    if (bias != null) {
      elementwise.biasGradient(
          pass.rows(), columns, a, dy + from, width, gradients, bias.offset() + from);
    }
  }
}
