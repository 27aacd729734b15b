package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Elementwise;
import dev.lanewise.kernels.ScaledSum;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import java.util.List;

/**
 * What a block begins with where it sees the embedding again: the residual stream and the
 * embedding, each times a number that is learned (x0 and residual scalars, as modded-nanogpt has
 * them).
 */
final class BlockInput {

  private static final String KERNEL = "scaled sum";

  /** All of the stream, and a little of the embedding. */
  private static final Initializer INITIAL = new Initializer.Values(List.of(1f, 0.1f));

  private final Parameter scales;
  private final Activation output;
  private final Activation dots;
  private final LayerWork forwardWork;
  private final LayerWork backwardWork;
  private final ScaledSum kernel;
  private final Elementwise elementwise;

  /** Makes the layer {@code name} with the parameter {@code name.weight} [2]. */
  BlockInput(Blueprint blueprint, String name, int width) {
    this.scales = blueprint.parameter(name + ".weight", Role.GAIN, INITIAL, 2);
    this.output = blueprint.result(name, width);
    this.dots = blueprint.state(name + ".dots", blueprint.rows(), 2);
    this.forwardWork = LayerWork.floats(name, LayerWork.FORWARD, KERNEL, 3L * width);
    this.backwardWork = LayerWork.floats(name, LayerWork.BACKWARD, KERNEL, 6L * width);
    this.kernel = blueprint.kernels().scaledSum();
    this.elementwise = blueprint.kernels().elementwise();
  }

  /** Computes this member's rows from x and the embedding, and returns where they are. */
  Activation forward(Pass pass, Activation x, Activation embedding) {
    LayerEvent event = LayerEvent.start(pass.member());
    kernel.forward(
        pass.fromRow(),
        pass.ownRows(),
        pass.weight(scales),
        pass.view(x),
        pass.view(embedding),
        pass.view(output));
    LayerEvent.end(event, forwardWork, pass.ownRows());
    return output;
  }

  /**
   * Turns d, the gradient of the result, into that of x, and adds the embedding's to dEmbedding.
   */
  void backward(
      Pass pass, Activation x, Activation embedding, Activation d, Activation dEmbedding) {
    LayerEvent event = LayerEvent.start(pass.member());
    kernel.backward(
        pass.fromRow(),
        pass.ownRows(),
        pass.weight(scales),
        pass.view(x),
        pass.view(embedding),
        pass.view(d),
        pass.view(dEmbedding),
        pass.view(dots));
    if (scales.trainable()) {
      pass.barrier();
      if (pass.member().isFirst()) {
        elementwise.biasGradient(pass.rows(), 0, 2, pass.view(dots), pass.gradient(scales));
      }
    }
    LayerEvent.end(event, backwardWork, pass.ownRows());
  }

  /** Returns where forward leaves the result. */
  Activation output() {
    return output;
  }

  /** The definition in float64, for one row. */
  static double[] define(DoubleWeights weights, String name, double[] x, double[] embedding) {
    double[] scales = weights.row(name + ".weight", 0);
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = scales[0] * x[i] + scales[1] * embedding[i];
    }
    return y;
  }
}
