package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/** Root mean square normalisation (Zhang and Sennrich, 2019) with gain. */
public final class RmsNorm implements Norm {

  /** The name of the kernel in recordings. */
  static final String KERNEL = "rms norm";

  private final int width;
  private final float epsilon;
  private final Parameter gain;
  private final Activation rms;
  private final LayerWork forwardWork;
  private final LayerWork backwardWork;
  private final dev.lanewise.kernels.RmsNorm kernel;

  private RmsNorm(Blueprint blueprint, String name, int width, double epsilon) {
    this.width = width;
    this.epsilon = (float) epsilon;
    this.gain = blueprint.parameter(name + ".weight", Role.GAIN, Initializer.ONES, width);
    this.rms = blueprint.state(name + ".rms", blueprint.rows(), 1);
    // Backward reads x and dy and adds to dx; the gain's gradient reads x and dy again.
    int backward = gain.trainable() ? 6 : 4;
    this.forwardWork = LayerWork.floats(name, LayerWork.FORWARD, KERNEL, 2L * width);
    this.backwardWork = LayerWork.floats(name, LayerWork.BACKWARD, KERNEL, (long) backward * width);
    this.kernel = blueprint.kernels().rmsNorm();
  }

  /**
   * The choice of this norm.
   *
   * @param epsilon added to the mean square
   */
  public record Choice(double epsilon) implements Norm.Choice {

    @Override
    public Norm layer(Blueprint blueprint, String name, int width) {
      return new RmsNorm(blueprint, name, width, epsilon);
    }

    @Override
    public double[] define(DoubleWeights weights, String name, double[] x) {
      double meanSquare = 0;
      for (double value : x) {
        meanSquare += value * value / x.length;
      }
      double[] y = weights.row(name + ".weight", 0);
      for (int i = 0; i < x.length; i++) {
        y[i] *= x[i] / Math.sqrt(meanSquare + epsilon);
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
        pass.view(y),
        pass.view(rms));
    LayerEvent.end(event, forwardWork, pass.ownRows());
  }

  @Override
  public void backward(Pass pass, Activation x, Activation dy, Activation dx) {
    LayerEvent event = LayerEvent.start(pass.member());
    kernel.backward(
        pass.fromRow(),
        pass.ownRows(),
        pass.view(x),
        pass.weight(gain),
        pass.view(rms),
        pass.view(dy),
        pass.view(dx));
    if (gain.trainable()) {
      // Some columns of all rows: other members' rows were complete before this layer began.
      int from = pass.member().from(width, CacheLine.FLOATS);
      int to = pass.member().to(width, CacheLine.FLOATS);
      kernel.gainGradient(
          pass.rows(), from, to, pass.view(x), pass.view(rms), pass.view(dy), pass.gradient(gain));
    }
    LayerEvent.end(event, backwardWork, pass.ownRows());
  }
}
