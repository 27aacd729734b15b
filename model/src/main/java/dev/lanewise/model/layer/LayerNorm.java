package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.tensor.Parameter;

/** Layer normalisation with gain and optional bias. */
public final class LayerNorm {

  private final String name;
  private final int width;
  private final Parameter gain;
  private final Parameter bias;
  private final int mean;
  private final int rstd;
  private final dev.lanewise.kernels.LayerNorm kernel;

  /** Makes the layer {@code name} with parameters {@code name.weight} and {@code name.bias}. */
  public LayerNorm(Blueprint blueprint, String name, int width, boolean hasBias) {
    this.name = name;
    this.width = width;
    this.gain = blueprint.parameter(name + ".weight", width);
    this.bias = hasBias ? blueprint.parameter(name + ".bias", width) : null;
    this.mean = blueprint.activation(name + ".mean", blueprint.rows());
    this.rstd = blueprint.activation(name + ".rstd", blueprint.rows());
    this.kernel = blueprint.kernels().layerNorm();
  }

  /** y from x, both [rows, width]. */
  public void forward(Pass pass, int x, int y) {
    LayerEvent event = LayerEvent.start();
    float[] a = pass.activations();
    forward(pass.rows(), pass.weights(), a, x, a, y, a, mean, rstd);
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
    float[] gradients = pass.gradients();
    kernel.backward(
        pass.rows(),
        width,
        a,
        x,
        pass.weights(),
        gain.offset(),
        a,
        mean,
        a,
        rstd,
        a,
        dy,
        a,
        dx,
        gradients,
        gain.offset(),
        bias == null ? null : gradients,
        bias == null ? 0 : bias.offset());
    LayerEvent.end(event, name, "backward");
  }
}
