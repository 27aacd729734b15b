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

/** Layer normalisation (Ba, Kiros and Hinton, 2016) with gain and optional bias. */
public final class LayerNorm implements Norm {

  private final int width;
  private final float epsilon;
  private final Parameter gain;
  private final Parameter bias;
  private final Activation mean;
  private final Activation rstd;
  private final LayerWork forwardWork;
  private final LayerWork backwardWork;
  private final dev.lanewise.kernels.LayerNorm kernel;
  private final Elementwise elementwise;

  private LayerNorm(Blueprint blueprint, String name, int width, Choice choice) {
    this.width = width;
    this.epsilon = (float) choice.epsilon;
    this.gain = blueprint.parameter(name + ".weight", Role.GAIN, Initializer.ONES, width);
    this.bias =
        choice.bias
            ? blueprint.parameter(name + ".bias", Role.BIAS, Initializer.ZEROS, width)
            : null;
    this.mean = blueprint.state(name + ".mean", blueprint.rows(), 1);
    this.rstd = blueprint.state(name + ".rstd", blueprint.rows(), 1);
    // Backward reads x and dy and adds to dx; the gain's gradient reads x and dy again, the bias's
    // dy.
    boolean gainTrained = gain.trainable();
    boolean biasTrained = bias != null && bias.trainable();
    int backward = 4 + (gainTrained ? 2 : 0) + (biasTrained ? 1 : 0);
    this.forwardWork = LayerWork.floats(name, LayerWork.FORWARD, "layer norm", 2L * width);
    this.backwardWork =
        LayerWork.floats(name, LayerWork.BACKWARD, "layer norm", (long) backward * width);
    this.kernel = blueprint.kernels().layerNorm();
    this.elementwise = blueprint.kernels().elementwise();
  }

  /**
   * The choice of this norm.
   *
   * @param epsilon added to the variance
   * @param bias whether there is one
   */
  public record Choice(double epsilon, boolean bias) implements Norm.Choice {

    @Override
    public Norm layer(Blueprint blueprint, String name, int width) {
      return new LayerNorm(blueprint, name, width, this);
    }

    @Override
    public double[] define(DoubleWeights weights, String name, double[] x) {
      double mean = 0;
      for (double value : x) {
        mean += value / x.length;
      }
      double variance = 0;
      for (double value : x) {
        variance += (value - mean) * (value - mean) / x.length;
      }
      double[] gain = weights.row(name + ".weight", 0);
      double[] y = bias ? weights.row(name + ".bias", 0) : new double[x.length];
      for (int i = 0; i < x.length; i++) {
        y[i] += gain[i] * (x[i] - mean) / Math.sqrt(variance + epsilon);
      }
      return y;
    }
  }

  @Override
  public void forward(Pass pass, Activation x, Activation y) {
    LayerEvent event = LayerEvent.start(pass.member());
    kernel.forward(
        pass.fromRow(),
        pass.ownRows(),
        epsilon,
        pass.view(x),
        pass.weight(gain),
        pass.optionalWeight(bias),
        pass.view(y),
        pass.view(mean),
        pass.view(rstd));
    LayerEvent.end(event, forwardWork, pass.ownRows());
  }

  @Override
  public void backward(Pass pass, Activation x, Activation dy, Activation dx) {
    LayerEvent event = LayerEvent.start(pass.member());
    Matrix means = pass.view(mean);
    Matrix rstds = pass.view(rstd);
    kernel.backward(
        pass.fromRow(),
        pass.ownRows(),
        pass.view(x),
        pass.weight(gain),
        means,
        rstds,
        pass.view(dy),
        pass.view(dx));
    // Some columns of all rows: what it reads of other members' rows was complete before this layer
    // began.
    int from = pass.member().from(width, CacheLine.FLOATS);
    int to = pass.member().to(width, CacheLine.FLOATS);
    if (gain.trainable()) {
      kernel.gainGradient(
          pass.rows(), from, to, pass.view(x), means, rstds, pass.view(dy), pass.gradient(gain));
    }
    if (bias != null && bias.trainable()) {
      elementwise.biasGradient(pass.rows(), from, to, pass.view(dy), pass.gradient(bias));
    }
    LayerEvent.end(event, backwardWork, pass.ownRows());
  }
}
