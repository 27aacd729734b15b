package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/** The token embedding: a row of a table for each token. */
public final class Embedding {

  /** The name of the table. */
  public static final String TABLE = "embedding.weight";

  private static final String NAME = "embedding";

  private final Parameter table;
  private final LayerWork forwardWork;
  private final LayerWork backwardWork;
  private final dev.lanewise.kernels.Embedding kernel;
  private final Matmul matmul;

  /** Makes the layer with the parameter {@link #TABLE} [V, C]. */
  public Embedding(Blueprint blueprint, int vocabularySize, int width, Initializer initializer) {
    this.table = blueprint.parameter(TABLE, Role.EMBEDDING, initializer, vocabularySize, width);
    this.forwardWork = LayerWork.floats(NAME, LayerWork.FORWARD, NAME, 2L * width);
    this.backwardWork = LayerWork.floats(NAME, LayerWork.BACKWARD, NAME, 3L * width);
    this.kernel = blueprint.kernels().embedding();
    this.matmul = blueprint.kernels().matmul();
    blueprint.panels().table(table);
  }

  /** Returns the table, which a tied head projects with. */
  public Parameter table() {
    return table;
  }

  /** y [rows, C] from the batch's inputs, this member's rows. */
  public void forward(Pass pass, Activation y) {
    LayerEvent event = LayerEvent.start(pass.member());
    int[] ids = pass.batch().inputs();
    PackedMatrix packed = pass.panels().table(table);
    if (packed == null) {
      kernel.gather(pass.fromRow(), pass.ownRows(), ids, pass.weight(table), pass.view(y));
    } else {
      matmul.gatherColumns(
          pass.fromRow(), pass.ownRows(), table.rowSize(), ids, packed, pass.view(y));
    }
    LayerEvent.end(event, forwardWork, pass.ownRows());
  }

  /**
   * Adds the rows of dy to the gradient of the table. In a team the first member does it for all
   * rows, since two may be of one token. A barrier has to come before.
   */
  public void backward(Pass pass, Activation dy) {
    if (!table.trainable() || !pass.member().isFirst()) {
      return;
    }
    LayerEvent event = LayerEvent.start(pass.member());
    kernel.scatterAdd(0, pass.rows(), pass.batch().inputs(), pass.view(dy), pass.gradient(table));
    LayerEvent.end(event, backwardWork, pass.rows());
  }
}
