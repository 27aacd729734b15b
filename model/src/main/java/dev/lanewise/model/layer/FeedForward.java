package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/** The feed-forward network of a block. */
public interface FeedForward {

  /** y from x, both [rows, C]. */
  void forward(Pass pass, Activation x, Activation y);

  /** Computes once more what backward reads of what forward computed from x. */
  void recompute(Pass pass, Activation x);

  /** dx from dy (overwritten), both [rows, C]; adds to the parameters' gradients. */
  void backward(Pass pass, Activation x, Activation dy, Activation dx);

  /** See {@link Linear#flopsPerRow}. */
  long flopsPerRow();

  /** See {@link Linear#backwardFlopsPerRow}. */
  long backwardFlopsPerRow();

  /** A kind of network: what a model chooses. Records, so that equal choices are equal. */
  interface Choice {

    /**
     * Makes the network {@code name}.
     *
     * @param residual initialises the matrix that writes to the residual stream
     */
    FeedForward layer(
        Blueprint blueprint, String name, int width, Initializer hidden, Initializer residual);

    /** The definition in float64, row by row. */
    double[][] define(DoubleWeights weights, String name, double[][] x);
  }
}
