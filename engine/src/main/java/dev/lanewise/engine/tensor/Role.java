package dev.lanewise.engine.tensor;

/**
 * What a parameter is for. What treats parameters differently asks for the role, not for a name.
 */
public enum Role {
  /** A table of which a pass reads a row for each token or position. */
  EMBEDDING,
  /**
   * A large table of which a step touches few rows. It has gradients and optimizer state by row,
   * not as a whole.
   */
  TABLE,
  /** A weight matrix inside a block. */
  HIDDEN,
  /** A matrix of low rank that is added to one of those. */
  ADAPTER,
  /** The projection to the vocabulary, where it is not the embedding. */
  HEAD,
  /** What a normalised value is multiplied by. */
  GAIN,
  /** What is added to the result of a product or a norm. */
  BIAS
}
