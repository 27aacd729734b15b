package dev.lanewise.trainer.optim;

import dev.lanewise.engine.tensor.Role;

/**
 * Which parameters weight decay applies to: matrices, and not gains and biases, nor tables of which
 * a step touches few rows: what decays changes in every step.
 */
final class DecayGroups {

  private DecayGroups() {}

  static boolean decays(Role role) {
    return switch (role) {
      case GAIN, BIAS, TABLE -> false;
      case EMBEDDING, HIDDEN, ADAPTER, HEAD -> true;
    };
  }
}
