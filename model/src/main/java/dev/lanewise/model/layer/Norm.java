package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/** A normalisation of rows, with parameters of its own. */
public interface Norm {

  /** y from x, this member's rows. */
  void forward(Pass pass, Activation x, Activation y);

  /** Adds the gradient of x to dx, and those of the parameters to theirs. */
  void backward(Pass pass, Activation x, Activation dy, Activation dx);

  /** A kind of norm: what a model chooses. Records, so that equal choices are equal. */
  interface Choice {

    /** Makes the layer {@code name}. */
    Norm layer(Blueprint blueprint, String name, int width);

    /**
     * The definition in float64: the normalised row.
     *
     * @param name of the layer
     */
    double[] define(DoubleWeights weights, String name, double[] x);
  }
}
