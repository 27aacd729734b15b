package dev.lanewise.trainer.optim;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.settings.Settings;
import java.util.List;

/** A kind of optimizer that settings can name. */
public interface OptimizerKind extends Registry.Kind {

  /** Returns the floats of its stores, so that memory can be estimated before it is taken. */
  long stateFloats(ParameterLayout layout);

  /** Returns the floats that each worker will have to work in. */
  default long workFloats(ParameterLayout layout) {
    return 0;
  }

  /** Returns whether a parameter is updated as a whole, so that one rank has all of it. */
  default boolean needsWhole(Parameter parameter) {
    return false;
  }

  /**
   * Makes an optimizer that remembers nothing yet.
   *
   * @param pieces of the trainable weights: all of them, or a rank's part, for which it is then
   * @param workers how many will run its tasks at most
   */
  Optimizer create(
      Settings settings,
      ParameterLayout layout,
      List<Piece> pieces,
      KernelSet kernels,
      int workers);
}
