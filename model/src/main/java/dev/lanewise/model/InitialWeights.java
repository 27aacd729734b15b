package dev.lanewise.model;

import dev.lanewise.engine.tensor.Initializer;

/**
 * What weights of a new model are drawn from, as GPT-2's (Radford et al., 2019); gains begin at 1
 * and biases at 0.
 */
final class InitialWeights {

  private static final double DEVIATION = 0.02;

  private InitialWeights() {}

  /** Returns the distribution of tables and matrices. */
  static Initializer matrices() {
    return new Initializer.Normal(DEVIATION);
  }

  /** Returns that of matrices that write to the residual stream, to which each layer adds twice. */
  static Initializer residual(int layers) {
    return new Initializer.Normal(DEVIATION * (1 / Math.sqrt(2.0 * layers)));
  }
}
