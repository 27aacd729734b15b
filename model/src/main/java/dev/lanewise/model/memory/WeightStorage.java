package dev.lanewise.model.memory;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Precision;

/**
 * Where the weights of a model lie: those that change in a store of floats, and packed besides;
 * others packed alone, once for each way in which they are used, in a precision of their own.
 */
@FunctionalInterface
public interface WeightStorage {

  /** All weights in the store. */
  WeightStorage STORED = parameter -> null;

  /**
   * Returns the precision in which a parameter is held packed alone; null if the store has it.
   * Parameters that are not packed, as vectors are, are in the store in any case.
   */
  Precision heldIn(Parameter parameter);

  /** All that is packed in one precision. */
  static WeightStorage packedIn(Precision precision) {
    return parameter -> precision;
  }

  /** What is not trained as another storage says, and the rest in the store. */
  static WeightStorage ofFrozen(WeightStorage frozen) {
    return parameter -> parameter.trainable() ? null : frozen.heldIn(parameter);
  }
}
