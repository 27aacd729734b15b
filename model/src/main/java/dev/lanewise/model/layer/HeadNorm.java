package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.RmsNorm;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/**
 * Root mean square normalisation of each head by itself, with one gain for all of them: what keeps
 * the scores of queries and keys in bounds (Henry et al., 2020).
 */
final class HeadNorm {

  private final int headSize;
  private final float epsilon;
  private final Parameter gain;
  private final Activation[] x;
  private final Activation[] y;
  private final Activation[] dy;
  private final Activation[] dx;
  private final Activation[] rms;
  private final LayerWork forwardWork;
  private final LayerWork backwardWork;
  private final RmsNorm kernel;

  /**
   * Makes the layer {@code name}.
   *
   * @param x heads side by side; y, dy and dx likewise
   */
  HeadNorm(
      Blueprint blueprint,
      String name,
      int headSize,
      double epsilon,
      Activation x,
      Activation y,
      Activation dy,
      Activation dx) {
    int heads = x.columns() / headSize;
    this.headSize = headSize;
    this.epsilon = (float) epsilon;
    this.gain = blueprint.parameter(name + ".weight", Role.GAIN, Initializer.ONES, headSize);
    this.x = heads(blueprint, x, headSize);
    this.y = heads(blueprint, y, headSize);
    this.dy = heads(blueprint, dy, headSize);
    this.dx = heads(blueprint, dx, headSize);
    this.rms = heads(blueprint, blueprint.state(name + ".rms", blueprint.rows(), heads), 1);
    String kernelName = dev.lanewise.model.layer.RmsNorm.KERNEL;
    long width = x.columns();
    int backward = gain.trainable() ? 6 : 4;
    this.forwardWork = LayerWork.floats(name, LayerWork.FORWARD, kernelName, 2 * width);
    this.backwardWork = LayerWork.floats(name, LayerWork.BACKWARD, kernelName, backward * width);
    this.kernel = blueprint.kernels().rmsNorm();
  }

  private static Activation[] heads(Blueprint blueprint, Activation whole, int size) {
    Activation[] heads = new Activation[whole.columns() / size];
    for (int h = 0; h < heads.length; h++) {
      heads[h] = blueprint.columns(whole, h * size, size);
    }
    return heads;
  }

  /** y from x, this member's rows. */
  void forward(Pass pass) {
    LayerEvent event = LayerEvent.start(pass.member());
    for (int h = 0; h < x.length; h++) {
      kernel.forward(
          pass.fromRow(),
          pass.ownRows(),
          epsilon,
          pass.view(x[h]),
          pass.weight(gain),
          pass.view(y[h]),
          pass.view(rms[h]));
    }
    LayerEvent.end(event, forwardWork, pass.ownRows());
  }

  /** Adds the gradient of x to dx, this member's rows, and that of the gain to its own. */
  void backward(Pass pass) {
    LayerEvent event = LayerEvent.start(pass.member());
    int from = pass.member().from(headSize, CacheLine.FLOATS);
    int to = pass.member().to(headSize, CacheLine.FLOATS);
    for (int h = 0; h < x.length; h++) {
      kernel.backward(
          pass.fromRow(),
          pass.ownRows(),
          pass.view(x[h]),
          pass.weight(gain),
          pass.view(rms[h]),
          pass.view(dy[h]),
          pass.view(dx[h]));
      if (gain.trainable()) {
        kernel.gainGradient(
            pass.rows(),
            from,
            to,
            pass.view(x[h]),
            pass.view(rms[h]),
            pass.view(dy[h]),
            pass.gradient(gain));
      }
    }
    LayerEvent.end(event, backwardWork, pass.ownRows());
  }

  /** The definition in float64, for one head of one position. */
  static double[] define(DoubleWeights weights, String name, double epsilon, double[] head) {
    return new dev.lanewise.model.layer.RmsNorm.Choice(epsilon).define(weights, name, head);
  }
}
