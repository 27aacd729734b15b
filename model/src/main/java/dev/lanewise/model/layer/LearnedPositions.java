package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Elementwise;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/** Learned positions: a row of a table for each, added to the embedding. */
public final class LearnedPositions implements Positions {

  /** The name of the table. */
  public static final String TABLE = "positions.weight";

  private static final String NAME = "positions";

  private final Parameter table;
  private final LayerWork forwardWork;
  private final LayerWork backwardWork;
  private final Elementwise elementwise;

  private LearnedPositions(Blueprint blueprint, int width, Initializer initializer) {
    this.table =
        blueprint.parameter(TABLE, Role.EMBEDDING, initializer, blueprint.context(), width);
    this.forwardWork = LayerWork.floats(NAME, LayerWork.FORWARD, "add", 3L * width);
    this.backwardWork = LayerWork.floats(NAME, LayerWork.BACKWARD, "add", 3L * width);
    this.elementwise = blueprint.kernels().elementwise();
  }

  /** The choice of learned positions. */
  public record Choice() implements Positions.Choice {

    @Override
    public Positions layer(Blueprint blueprint, int width, Initializer initializer) {
      return new LearnedPositions(blueprint, width, initializer);
    }

    @Override
    public double[] defineEmbedding(DoubleWeights weights, double[] x, int position) {
      double[] y = weights.row(TABLE, position);
      for (int i = 0; i < x.length; i++) {
        y[i] += x[i];
      }
      return y;
    }
  }

  @Override
  public void embed(Pass pass, Activation x) {
    LayerEvent event = LayerEvent.start(pass.member());
    Matrix rows = pass.view(x);
    Batch batch = pass.batch();
    int to = pass.toRow();
    int row = pass.fromRow();
    for (int document = batch.documentOf(row); row < to; document++) {
      int n = Math.min(batch.endRow(document), to) - row;
      int position = batch.firstPosition(document) + row - batch.firstRow(document);
      elementwise.accumulate(n, pass.weight(table), position, rows, row);
      row += n;
    }
    LayerEvent.end(event, forwardWork, pass.ownRows());
  }

  @Override
  public void embedBackward(Pass pass, Activation dx) {
    if (!table.trainable() || !pass.member().isFirst()) {
      return;
    }
    LayerEvent event = LayerEvent.start(pass.member());
    Batch batch = pass.batch();
    for (int d = 0; d < batch.documents(); d++) {
      int from = batch.firstRow(d);
      elementwise.accumulate(batch.length(d), pass.view(dx), from, pass.gradient(table), 0);
    }
    LayerEvent.end(event, backwardWork, pass.rows());
  }
}
