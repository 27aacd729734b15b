package dev.lanewise.example;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;

/** USAGE's example of a pass by hand: the logits of a whole batch, its loss, and gradients. */
public final class LogitsAndGradients {

  private LogitsAndGradients() {}

  /**
   * What a pass gives.
   *
   * @param loss mean of the counted rows, in nats
   * @param gradient of the loss, of the parameter asked for
   */
  public record Result(double loss, FloatTensor gradient) {}

  /**
   * Computes logits, loss and a gradient.
   *
   * @param ids of all sequences, one after another
   * @param targets likewise; {@code Batch.UNCOUNTED} leaves one out
   * @param name of the parameter whose gradient is asked for
   * @param logits receives [rows, V]
   */
  public static Result compute(
      Transformer transformer,
      ParameterStore weights,
      int[] ids,
      int[] targets,
      int sequences,
      String name,
      float[] logits) {
    // USAGE: begin logits
    WeightPanels panels = transformer.newPanels(true);
    try (WorkerPool pool = new WorkerPool(2)) {
      panels.pack(pool, weights); // again after each change of the weights
    }
    ParameterStore gradients = ParameterStore.ofTrainable(transformer.layout());
    Pass pass = transformer.newPass();
    pass.bind(weights, panels, gradients);
    pass.batch().takeRows(ids, targets, 0, sequences, ids.length / sequences);

    transformer.logits(pass, logits); // a float for each row and token of the vocabulary
    int counted = pass.batch().counted();
    double loss = transformer.lossAndGradients(pass, 1f / counted) / counted;
    FloatTensor gradient = gradients.tensor(name); // "layers.0.attention.qkv.weight"
    // USAGE: end logits
    return new Result(loss, gradient);
  }
}
