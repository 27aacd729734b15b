package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Dropout;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import java.util.Arrays;

/**
 * Dropout of the input of an adapter, a mask for each of the matrices whose A's lie side by side,
 * and what it takes to compute with one A at a time. All by this member's rows.
 */
final class AdapterDropout {

  /** The buffer of the input that dropout leaves, and then of the gradient of that. */
  private static final String DROPPED = "input of an adapter";

  /** The buffer of the gradient of one part of z. */
  private static final String ALONE = "gradient of a part of an adapter";

  private final int rank;
  private final Dropout.Mask[] masks;
  private final Activation dropped;

  /** Null where there is one part, which is alone as it is. */
  private final Activation alone;

  private final Dropout kernel;

  /**
   * Makes the dropout.
   *
   * @param down the A's
   * @param parts how many they are
   * @return null if nothing is dropped
   */
  static AdapterDropout of(Blueprint blueprint, Parameter down, int parts) {
    return Dropout.threshold(blueprint.adaptation().dropout()) == 0
        ? null
        : new AdapterDropout(blueprint, down, parts);
  }

  private AdapterDropout(Blueprint blueprint, Parameter down, int parts) {
    this.rank = blueprint.adaptation().rank();
    this.masks = new Dropout.Mask[parts];
    for (int i = 0; i < parts; i++) {
      masks[i] =
          new Dropout.Mask(blueprint.adaptation().dropout(), Adaptation.dropoutStream(down, i));
    }
    this.dropped = blueprint.buffer(DROPPED, down.shape().dimension(0));
    this.alone = parts == 1 ? null : blueprint.buffer(ALONE, parts * rank);
    this.kernel = blueprint.kernels().dropout();
  }

  /** Returns where {@link #drop} leaves its result. */
  Activation dropped() {
    return dropped;
  }

  /** Masks x, which may be what was dropped before, as one part does; returns {@link #dropped}. */
  Activation drop(Pass pass, Activation x, int part) {
    kernel.apply(
        pass.fromRow(),
        pass.ownRows(),
        pass.view(x),
        pass.view(dropped),
        masks[part],
        pass.seed(),
        pass.step(),
        pass.firstRow());
    return dropped;
  }

  /** Copies the columns of one part. */
  void copyColumns(Pass pass, Activation from, Activation to, int part) {
    Matrix source = pass.view(from);
    Matrix target = pass.view(to);
    int column = part * rank;
    for (int row = pass.fromRow(); row < pass.fromRow() + pass.ownRows(); row++) {
      System.arraycopy(
          source.data(),
          source.offset(row) + column,
          target.data(),
          target.offset(row) + column,
          rank);
    }
  }

  /**
   * Returns the columns of one part of dz among zeros, which leave chains of fused multiply-adds as
   * they are.
   */
  Activation alone(Pass pass, Activation dz, int part) {
    if (alone == null) {
      return dz;
    }
    Matrix target = pass.view(alone);
    for (int row = pass.fromRow(); row < pass.fromRow() + pass.ownRows(); row++) {
      int from = target.offset(row);
      Arrays.fill(target.data(), from, from + masks.length * rank, 0);
    }
    copyColumns(pass, dz, alone, part);
    return alone;
  }
}
