package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Embedding;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.RowGradients;
import dev.lanewise.model.memory.RowTable;

/**
 * Rows of a table for the last few tokens together ({@link NgramTable}), added to the embedding.
 */
final class NgramEmbedding implements RowTable {

  private final NgramTable.Lookup lookup;
  private final Parameter table;
  private final int number;
  private final RowDropout dropout;
  private final LayerWork forwardWork;
  private final LayerWork backwardWork;
  private final Embedding kernel;

  /**
   * Makes the layer; all rows begin at zero.
   *
   * @param dropout rate at which training leaves out rows
   */
  NgramEmbedding(
      Blueprint blueprint, NgramTable choice, int vocabularySize, int width, float dropout) {
    String name = choice.parameter().substring(0, choice.parameter().lastIndexOf('.'));
    this.lookup = choice.new Lookup(vocabularySize);
    this.table =
        blueprint.parameter(
            choice.parameter(), Role.TABLE, Initializer.ZEROS, choice.rows(vocabularySize), width);
    this.number = blueprint.rowTable(this);
    this.dropout = new RowDropout(dropout, choice);
    this.forwardWork = LayerWork.floats(name, LayerWork.FORWARD, "embedding", 3L * width);
    this.backwardWork = LayerWork.floats(name, LayerWork.BACKWARD, "embedding", 3L * width);
    this.kernel = blueprint.kernels().embedding();
  }

  @Override
  public Parameter parameter() {
    return table;
  }

  @Override
  public int row(int[] ids, int at, int before) {
    return lookup.row(ids, at, before);
  }

  /** Adds to x, this member's rows. */
  void forward(Pass pass, Activation x) {
    LayerEvent event = LayerEvent.start(pass.member());
    int[] numbers = pass.rowNumbers(number);
    int end = pass.toRow();
    look(pass, pass.fromRow(), end, numbers);
    int left;
    for (int from = pass.fromRow(); from < end; from = left) {
      int kept = dropout.nextKept(pass, from, end);
      left = dropout.nextLeftOut(pass, kept, end);
      kernel.gatherAdd(kept, left - kept, numbers, pass.weight(table), pass.view(x));
    }
    LayerEvent.end(event, forwardWork, pass.ownRows());
  }

  private void look(Pass pass, int from, int to, int[] numbers) {
    Batch batch = pass.batch();
    int row = from;
    for (int document = batch.documentOf(from); row < to; document++) {
      int end = Math.min(batch.endRow(document), to);
      int[] ids = pass.isDecoding() ? pass.text(document).ids() : batch.inputs();
      int begin = pass.isDecoding() ? 0 : batch.firstRow(document);
      int position = batch.firstPosition(document) + row - batch.firstRow(document);
      for (; row < end; row++) {
        numbers[row] = lookup.row(ids, begin + position, position);
        position++;
      }
    }
  }

  /** Adds the rows of dx to the gradients of the table's; a barrier has to come before. */
  void backward(Pass pass, Activation dx) {
    if (!table.trainable() || !pass.member().isFirst()) {
      return;
    }
    LayerEvent event = LayerEvent.start(pass.member());
    RowGradients gradients = pass.rowGradients();
    int[] slots = pass.rowNumbers(number);
    System.arraycopy(gradients.slots(number), pass.firstPosition(), slots, 0, pass.rows());
    int end = pass.rows();
    int left;
    for (int from = 0; from < end; from = left) {
      int kept = dropout.nextKept(pass, from, end);
      left = dropout.nextLeftOut(pass, kept, end);
      kernel.scatterAdd(kept, left - kept, slots, pass.view(dx), gradients.gradients(number));
    }
    LayerEvent.end(event, backwardWork, pass.rows());
  }
}
