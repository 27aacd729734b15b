package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.kernels.Gelu;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/** Up-projection, GELU in its tanh form, down-projection. */
public final class GeluFeedForward implements FeedForward {

  private final String geluName;
  private final Linear up;
  private final Linear down;
  private final Activation hidden;
  private final Activation activated;
  private final Activation dHidden;
  private final Gelu gelu;

  private GeluFeedForward(
      Blueprint blueprint,
      String name,
      int width,
      Choice choice,
      Initializer hiddenWeights,
      Initializer residual) {
    int hiddenWidth = choice.hiddenWidth;
    boolean biases = choice.biases;
    this.geluName = name + ".gelu";
    this.up = new Linear(blueprint, name + ".up", width, hiddenWidth, biases, hiddenWeights);
    this.down = new Linear(blueprint, name + ".down", hiddenWidth, width, biases, residual);
    this.hidden = blueprint.result(name + ".up", hiddenWidth);
    this.activated = blueprint.result(name + ".gelu", hiddenWidth);
    this.dHidden = blueprint.buffer(TransformerBlock.INSIDE, hiddenWidth);
    this.gelu = blueprint.kernels().gelu();
  }

  /**
   * The choice of this network.
   *
   * @param hiddenWidth floats between the two projections (d_ff)
   * @param biases whether the projections have them
   */
  public record Choice(int hiddenWidth, boolean biases) implements FeedForward.Choice {

    @Override
    public FeedForward layer(
        Blueprint blueprint, String name, int width, Initializer hidden, Initializer residual) {
      return new GeluFeedForward(blueprint, name, width, this, hidden, residual);
    }

    @Override
    public double[][] define(DoubleWeights weights, String name, double[][] x) {
      double[][] hidden = weights.linear(x, name + ".up");
      for (double[] row : hidden) {
        for (int i = 0; i < row.length; i++) {
          double u = Math.sqrt(2 / Math.PI) * (row[i] + 0.044715 * row[i] * row[i] * row[i]);
          row[i] = 0.5 * row[i] * (1 + Math.tanh(u));
        }
      }
      return weights.linear(hidden, name + ".down");
    }
  }

  @Override
  public void forward(Pass pass, Activation x, Activation y) {
    recompute(pass, x);
    down.forward(pass, activated, y);
  }

  @Override
  public void recompute(Pass pass, Activation x) {
    up.forward(pass, x, hidden);
    LayerEvent event = LayerEvent.start();
    gelu.forward(pass.fromRow(), pass.ownRows(), pass.view(hidden), pass.view(activated));
    LayerEvent.end(event, geluName, "forward");
  }

  @Override
  public void backward(Pass pass, Activation x, Activation dy, Activation dx) {
    down.backward(pass, activated, dy, dHidden);
    LayerEvent event = LayerEvent.start();
    gelu.backward(
        pass.fromRow(), pass.ownRows(), pass.view(hidden), pass.view(dHidden), pass.view(dHidden));
    LayerEvent.end(event, geluName, "backward");
    up.backward(pass, x, dHidden, dx);
  }

  @Override
  public long flopsPerRow() {
    return up.flopsPerRow() + down.flopsPerRow();
  }
}
