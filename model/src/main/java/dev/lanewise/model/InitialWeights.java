package dev.lanewise.model;

import dev.lanewise.engine.tensor.Initializer;

/** What weights of a new model are drawn from; gains begin at 1 and biases at 0. */
public enum InitialWeights {
  /** As GPT-2's (Radford et al., 2019). */
  GPT2 {
    @Override
    Initializer table(int width) {
      return new Initializer.Normal(DEVIATION);
    }

    @Override
    Initializer hidden(int width) {
      return new Initializer.Normal(DEVIATION);
    }

    @Override
    Initializer residual(int layers) {
      return new Initializer.Normal(DEVIATION * (1 / Math.sqrt(2.0 * layers)));
    }

    @Override
    Initializer head() {
      return new Initializer.Normal(DEVIATION);
    }
  },
  /**
   * Each block begins as nothing, and all tokens as equally likely, so that what is learned first
   * is the embedding and the head.
   */
  ZERO_OUTPUTS {
    @Override
    Initializer table(int width) {
      return new Initializer.Normal(DEVIATION);
    }

    @Override
    Initializer hidden(int width) {
      return new Initializer.Normal(0.5 / Math.sqrt(width));
    }

    @Override
    Initializer residual(int layers) {
      return Initializer.ZEROS;
    }

    @Override
    Initializer head() {
      return Initializer.ZEROS;
    }
  };

  private static final double DEVIATION = 0.02;

  /** Returns the distribution of tables with a row for each token or position. */
  abstract Initializer table(int width);

  /** Returns that of matrices inside a block. */
  abstract Initializer hidden(int width);

  /** Returns that of matrices that write to the residual stream, to which each layer adds twice. */
  abstract Initializer residual(int layers);

  /** Returns that of the projection to the vocabulary, where it is not the embedding. */
  abstract Initializer head();
}
