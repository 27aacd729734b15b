package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.kernels.SiluGate;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import java.util.List;

/**
 * The network of Llama, SwiGLU (Shazeer, 2020): an up-projection, gated by the SiLU of another, and
 * a down-projection. Gate and up are columns of one product.
 */
public final class GatedFeedForward implements FeedForward {

  private final LayerWork gateForward;
  private final LayerWork gateBackward;
  private final Linear gateUp;
  private final Linear down;
  private final Activation projected;
  private final Activation gate;
  private final Activation up;
  private final Activation hidden;
  private final Activation dHidden;
  private final Activation dProjected;
  private final Activation dGate;
  private final Activation dUp;
  private final SiluGate silu;
  private final boolean repeats;

  private GatedFeedForward(
      Blueprint blueprint,
      String name,
      int width,
      int hiddenWidth,
      Initializer hiddenWeights,
      Initializer residual) {
    // Gate and up to the product; backward from these and its gradient to theirs.
    this.gateForward =
        LayerWork.floats(name + ".gate", LayerWork.FORWARD, "silu gate", 3L * hiddenWidth);
    this.gateBackward =
        LayerWork.floats(name + ".gate", LayerWork.BACKWARD, "silu gate", 5L * hiddenWidth);
    List<Integer> outs = List.of(hiddenWidth, hiddenWidth);
    this.projected = blueprint.result(name + ".gate_up", 2 * hiddenWidth);
    this.dProjected = blueprint.buffer(TransformerBlock.INSIDE, 2 * hiddenWidth);
    this.gateUp =
        new Linear(
            blueprint, name + ".gate_up", width, outs, projected, dProjected, false, hiddenWeights);
    this.down = new Linear(blueprint, name + ".down", hiddenWidth, width, false, residual);
    this.gate = blueprint.columns(projected, 0, hiddenWidth);
    this.up = blueprint.columns(projected, hiddenWidth, hiddenWidth);
    this.hidden = blueprint.cheapResult(name + ".gate", hiddenWidth);
    this.repeats = blueprint.repeatsCheap();
    this.dHidden = blueprint.buffer(TransformerBlock.DEEPER, hiddenWidth);
    this.dGate = blueprint.columns(dProjected, 0, hiddenWidth);
    this.dUp = blueprint.columns(dProjected, hiddenWidth, hiddenWidth);
    this.silu = blueprint.kernels().siluGate();
  }

  /**
   * The choice of this network, without biases.
   *
   * @param hiddenWidth floats between the projections
   */
  public record Choice(int hiddenWidth) implements FeedForward.Choice {

    @Override
    public FeedForward layer(
        Blueprint blueprint, String name, int width, Initializer hidden, Initializer residual) {
      return new GatedFeedForward(blueprint, name, width, hiddenWidth, hidden, residual);
    }

    @Override
    public double[][] define(DoubleWeights weights, String name, double[][] x) {
      double[][] projected = weights.linear(x, name + ".gate_up");
      double[][] hidden = new double[x.length][hiddenWidth];
      for (int t = 0; t < x.length; t++) {
        for (int i = 0; i < hiddenWidth; i++) {
          double gate = projected[t][i];
          hidden[t][i] = gate / (1 + Math.exp(-gate)) * projected[t][hiddenWidth + i];
        }
      }
      return weights.linear(hidden, name + ".down");
    }
  }

  @Override
  public void forward(Pass pass, Activation x, Activation y) {
    recompute(pass, x);
    down.forward(pass, hidden, y);
  }

  @Override
  public void recompute(Pass pass, Activation x) {
    gateUp.forward(pass, x, projected);
    gate(pass);
  }

  private void gate(Pass pass) {
    LayerEvent event = LayerEvent.start(pass.member());
    silu.forward(pass.fromRow(), pass.ownRows(), pass.view(gate), pass.view(up), pass.view(hidden));
    LayerEvent.end(event, gateForward, pass.ownRows());
  }

  @Override
  public void backward(Pass pass, Activation x, Activation dy, Activation dx) {
    if (repeats) {
      gate(pass);
    }
    down.backward(pass, hidden, dy, dHidden);
    LayerEvent event = LayerEvent.start(pass.member());
    silu.backward(
        pass.fromRow(),
        pass.ownRows(),
        pass.view(gate),
        pass.view(up),
        pass.view(dHidden),
        pass.view(dGate),
        pass.view(dUp));
    LayerEvent.end(event, gateBackward, pass.ownRows());
    gateUp.backward(pass, x, dProjected, dx);
  }

  @Override
  public long flopsPerRow() {
    return gateUp.flopsPerRow() + down.flopsPerRow();
  }

  @Override
  public long backwardFlopsPerRow() {
    return gateUp.backwardFlopsPerRow() + down.backwardFlopsPerRow();
  }
}
