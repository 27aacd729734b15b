package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.kernels.Gelu;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/** Up-projection, GELU in one of its forms, down-projection. */
public final class GeluFeedForward implements FeedForward {

  private final LayerWork geluForward;
  private final LayerWork geluBackward;
  private final Linear up;
  private final Linear down;
  private final Activation hidden;
  private final Activation activated;
  private final Activation dHidden;
  private final Gelu gelu;
  private final boolean repeats;

  private GeluFeedForward(
      Blueprint blueprint,
      String name,
      int width,
      Choice choice,
      Initializer hiddenWeights,
      Initializer residual) {
    int hiddenWidth = choice.hiddenWidth;
    boolean biases = choice.biases;
    this.geluForward =
        LayerWork.floats(name + ".gelu", LayerWork.FORWARD, "gelu", 2L * hiddenWidth);
    this.geluBackward =
        LayerWork.floats(name + ".gelu", LayerWork.BACKWARD, "gelu", 3L * hiddenWidth);
    this.up = new Linear(blueprint, name + ".up", width, hiddenWidth, biases, hiddenWeights);
    this.down = new Linear(blueprint, name + ".down", hiddenWidth, width, biases, residual);
    this.hidden = blueprint.result(name + ".up", hiddenWidth);
    this.activated = blueprint.cheapResult(name + ".gelu", hiddenWidth);
    this.repeats = blueprint.repeatsCheap();
    this.dHidden = blueprint.buffer(TransformerBlock.INSIDE, hiddenWidth);
    this.gelu = choice.exact ? blueprint.kernels().erfGelu() : blueprint.kernels().gelu();
  }

  /**
   * The choice of this network.
   *
   * @param hiddenWidth floats between the two projections (d_ff)
   * @param biases whether the projections have them
   * @param exact whether GELU is by the normal distribution, not in its tanh form
   */
  public record Choice(int hiddenWidth, boolean biases, boolean exact)
      implements FeedForward.Choice {

    /** Of the normal distribution 4e-33 lies further out. */
    private static final double ALMOST_ALL = 12;

    /** The choice of the tanh form. */
    public Choice(int hiddenWidth, boolean biases) {
      this(hiddenWidth, biases, false);
    }

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
          row[i] *= exact ? normalDistribution(row[i]) : tanhForm(row[i]);
        }
      }
      return weights.linear(hidden, name + ".down");
    }

    private static double tanhForm(double x) {
      return 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    /** Φ(x): a half, and the density times x + x³/3 + x⁵/15 + ... */
    private static double normalDistribution(double x) {
      if (Math.abs(x) > ALMOST_ALL) {
        return x < 0 ? 0 : 1;
      }
      double sum = 0;
      double term = x;
      for (int k = 1; Math.abs(term) > Math.abs(sum) * 1e-17; k++) {
        sum += term;
        term *= x * x / (2 * k + 1);
      }
      return 0.5 + sum * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
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
    gelu.forward(pass.fromRow(), pass.ownRows(), pass.view(hidden), pass.view(activated));
    LayerEvent.end(event, geluForward, pass.ownRows());
  }

  @Override
  public void backward(Pass pass, Activation x, Activation dy, Activation dx) {
    if (repeats) {
      activate(pass);
    }
    down.backward(pass, activated, dy, dHidden);
    LayerEvent event = LayerEvent.start(pass.member());
    gelu.backward(
        pass.fromRow(), pass.ownRows(), pass.view(hidden), pass.view(dHidden), pass.view(dHidden));
    LayerEvent.end(event, geluBackward, pass.ownRows());
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
