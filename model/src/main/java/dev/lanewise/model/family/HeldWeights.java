package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.memory.WeightPanels;

/**
 * The weights of a model, some of them in panels alone.
 *
 * @param store what the panels do not hold: what is trained, vectors, and tables that nothing is
 *     projected with
 * @param panels the matrices, packed
 */
public record HeldWeights(ParameterStore store, WeightPanels panels) {

  /** Packs those matrices of the store that products use: what is added to others. */
  public void packStored() {
    panels.pieces().forEach(piece -> panels.pack(piece, store));
  }
}
