package dev.lanewise.trainer.step;

import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.optim.Optimizer;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.settings.Settings;

/**
 * What the steps of a configuration cost: the memory that they take, and the bytes that they move.
 * Figures for estimates and reports; no result depends on them.
 */
public final class StepCosts {

  private final Settings settings;
  private final Transformer transformer;

  /** Makes the figures of a model that is trained so. */
  public StepCosts(Settings settings, Transformer transformer) {
    this.settings = settings;
    this.transformer = transformer;
  }

  /** Returns the bytes of activations that a trainer on so many workers has. */
  public long activationBytes(Use use, int workers) {
    int teams = Crews.count(workers, Trainer.shards(settings).count());
    return transformer.passes().bytes(use, transformer.sequencesPerPass(), teams, workers);
  }

  /** Returns the bytes that tables take which are trained by row, so many times their state. */
  public long tableBytes(int copies) {
    return TableTraining.bytes(settings, transformer, copies);
  }

  /** Returns the most targets that a step can have: those of full windows. */
  public int targets() {
    return settings.step().batch() * settings.step().accumulation() * settings.model().context();
  }

  /** A sum reads two arrays and writes one, and the norm reads the last sum. */
  static long reducedBytes(int shards, ParameterStore gradients) {
    return (3L * (shards - 1) + 1) * Float.BYTES * gradients.data().length;
  }

  /** Weights and state are read and written, gradients read; then weights are packed. */
  long updatedBytes(ParameterStore gradients, Optimizer optimizer) {
    long trained = gradients.data().length;
    long floats = 3 * trained;
    for (OptimizerState state : optimizer.state()) {
      floats += 2L * state.values().data().length;
    }
    double packed = (double) transformer.panelBytes(true) * trained / transformer.layout().size();
    return Float.BYTES * floats + Math.round(2 * packed);
  }
}
