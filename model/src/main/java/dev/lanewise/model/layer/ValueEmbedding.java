package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Embedding;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/**
 * A row of a table for each token, added to its values in an attention (Zhou et al., 2024, in the
 * form of modded-nanogpt).
 */
final class ValueEmbedding {

  private final Parameter table;
  private final LayerWork forwardWork;
  private final LayerWork backwardWork;
  private final Embedding kernel;

  /** Makes the layer {@code name} with the parameter {@code name.weight} [V, width of values]. */
  ValueEmbedding(
      Blueprint blueprint, String name, int vocabularySize, int width, Initializer initializer) {
    this.table =
        blueprint.parameter(name + ".weight", Role.EMBEDDING, initializer, vocabularySize, width);
    this.forwardWork = LayerWork.floats(name, LayerWork.FORWARD, "embedding", 3L * width);
    this.backwardWork = LayerWork.floats(name, LayerWork.BACKWARD, "embedding", 3L * width);
    this.kernel = blueprint.kernels().embedding();
  }

  /** Adds to the values, this member's rows. */
  void forward(Pass pass, Activation v) {
    LayerEvent event = LayerEvent.start(pass.member());
    kernel.gatherAdd(
        pass.fromRow(), pass.ownRows(), pass.batch().inputs(), pass.weight(table), pass.view(v));
    LayerEvent.end(event, forwardWork, pass.ownRows());
  }

  /** Adds the gradients of the values to the table's; a barrier comes first. */
  void backward(Pass pass, Activation dv) {
    if (!table.trainable()) {
      return;
    }
    pass.barrier();
    if (!pass.member().isFirst()) {
      return;
    }
    LayerEvent event = LayerEvent.start(pass.member());
    kernel.scatterAdd(0, pass.rows(), pass.batch().inputs(), pass.view(dv), pass.gradient(table));
    LayerEvent.end(event, backwardWork, pass.rows());
  }
}
