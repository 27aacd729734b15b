package dev.lanewise.trainer.optim;

import dev.lanewise.engine.tensor.Role;

/** Which parameters weight decay applies to: matrices, and not gains and biases. */
final class DecayGroups {

  private DecayGroups() {}

  static boolean decays(Role role) {
    return role != Role.GAIN && role != Role.BIAS;
  }
}
