package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/**
 * How a model tells positions apart: at the embedding, or at the queries and keys of each attention.
 * A kind of positions overrides what it has a part in.
 */
public interface Positions {

  /** Changes the embedding in place, this member's rows. */
  default void embed(Pass pass, Activation x) {}

  /** Adds the gradients of what {@link #embed} did; in a team a barrier has come before. */
  default void embedBackward(Pass pass, Activation dx) {}

  /**
   * Changes queries and keys in place, this member's rows. Heads are computed by other members than
   * rows, so what does something here ends with a barrier.
   */
  default void rotate(Pass pass, Activation q, Activation k) {}

  /**
   * Turns the gradients of what {@link #rotate} returned into those of what it was given. What does
   * something here begins with a barrier.
   */
  default void rotateBackward(Pass pass, Activation dq, Activation dk) {}

  /** A kind of positions: what a model chooses. Records, so that equal choices are equal. */
  interface Choice {

    /** Makes the part. */
    Positions layer(Blueprint blueprint, int width, Initializer table);

    /** The definition of {@link Positions#embed} in float64, for the row of one position. */
    default double[] defineEmbedding(DoubleWeights weights, double[] x, int position) {
      return x;
    }

    /** The definition of {@link Positions#rotate} in float64, for one head of one position. */
    default double[] defineHead(double[] head, int position) {
      return head;
    }
  }
}
