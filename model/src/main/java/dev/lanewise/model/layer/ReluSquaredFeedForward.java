package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.kernels.ReluSquared;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/** Up-projection, squared ReLU (So et al., 2021), down-projection; no biases. */
public final class ReluSquaredFeedForward implements FeedForward {

  private static final String KERNEL = "squared relu";

  private final LayerWork forwardWork;
  private final LayerWork backwardWork;
  private final Linear up;
  private final Linear down;
  private final Activation hidden;
  private final Activation activated;
  private final Activation dHidden;
  private final ReluSquared kernel;
  private final boolean repeats;

  private ReluSquaredFeedForward(
      Blueprint blueprint,
      String name,
      int width,
      int hiddenWidth,
      Initializer hiddenWeights,
      Initializer residual) {
    this.forwardWork =
        LayerWork.floats(name + ".relu", LayerWork.FORWARD, KERNEL, 2L * hiddenWidth);
    this.backwardWork =
        LayerWork.floats(name + ".relu", LayerWork.BACKWARD, KERNEL, 3L * hiddenWidth);
    this.up = new Linear(blueprint, name + ".up", width, hiddenWidth, false, hiddenWeights);
    this.down = new Linear(blueprint, name + ".down", hiddenWidth, width, false, residual);
    this.hidden = blueprint.result(name + ".up", hiddenWidth);
    this.activated = blueprint.cheapResult(name + ".relu", hiddenWidth);
    this.repeats = blueprint.repeatsCheap();
    this.dHidden = blueprint.buffer(TransformerBlock.INSIDE, hiddenWidth);
    this.kernel = blueprint.kernels().reluSquared();
  }

  /**
   * The choice of this network.
   *
   * @param hiddenWidth floats between the two projections (d_ff)
   */
  public record Choice(int hiddenWidth) implements FeedForward.Choice {

    @Override
    public FeedForward layer(
        Blueprint blueprint, String name, int width, Initializer hidden, Initializer residual) {
      return new ReluSquaredFeedForward(blueprint, name, width, hiddenWidth, hidden, residual);
    }

    @Override
    public double[][] define(DoubleWeights weights, String name, double[][] x) {
      double[][] hidden = weights.linear(x, name + ".up");
      for (double[] row : hidden) {
        for (int i = 0; i < row.length; i++) {
          double above = Math.max(row[i], 0);
          row[i] = above * above;
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
    activate(pass);
  }

  private void activate(Pass pass) {
    LayerEvent event = LayerEvent.start(pass.member());
    kernel.forward(pass.fromRow(), pass.ownRows(), pass.view(hidden), pass.view(activated));
    LayerEvent.end(event, forwardWork, pass.ownRows());
  }

  @Override
  public void backward(Pass pass, Activation x, Activation dy, Activation dx) {
    if (repeats) {
      activate(pass);
    }
    down.backward(pass, activated, dy, dHidden);
    LayerEvent event = LayerEvent.start(pass.member());
    kernel.backward(
        pass.fromRow(), pass.ownRows(), pass.view(hidden), pass.view(dHidden), pass.view(dHidden));
    LayerEvent.end(event, backwardWork, pass.ownRows());
    up.backward(pass, x, dHidden, dx);
  }

  @Override
  public long flopsPerRow() {
    return up.flopsPerRow() + down.flopsPerRow();
  }

  @Override
  public long backwardFlopsPerRow() {
    return up.backwardFlopsPerRow() + down.backwardFlopsPerRow();
  }
}
