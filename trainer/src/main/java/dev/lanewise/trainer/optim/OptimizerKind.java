package dev.lanewise.trainer.optim;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.settings.OptimizerSettings;
import java.util.List;

/** A kind of optimizer that settings can name. */
public interface OptimizerKind extends Registry.Kind {

  /** Returns how many stores it will have, so that memory can be estimated before it is taken. */
  int states();

  /**
   * Makes an optimizer that remembers nothing yet.
   *
   * @param pieces of the trainable weights
   */
  Optimizer create(
      OptimizerSettings settings, ParameterLayout layout, List<Piece> pieces, KernelSet kernels);
}
