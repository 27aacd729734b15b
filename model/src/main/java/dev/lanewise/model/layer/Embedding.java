package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.tensor.Parameter;

/** Token embedding plus learned position embedding. */
public final class Embedding {

  private final int width;
  private final Parameter tokens;
  private final Parameter positions;
  private final dev.lanewise.kernels.Embedding kernel;

  /** Makes the layer with parameters {@code wte.weight} [V, C] and {@code wpe.weight} [T, C]. */
  public Embedding(Blueprint blueprint, int vocabularySize, int width) {
    this.width = width;
    this.tokens = blueprint.parameter("wte.weight", vocabularySize, width);
    this.positions = blueprint.parameter("wpe.weight", blueprint.time(), width);
    this.kernel = blueprint.kernels().embedding();
  }

  /** Returns the token table, which a tied head projects with. */
  public Parameter tokens() {
    return tokens;
  }

  /** y [rows, C] from the pass's inputs. */
  public void forward(Pass pass, int y) {
    LayerEvent event = LayerEvent.start();
    int time = pass.time();
    int to = pass.toRow();
    int row = pass.fromRow();
    while (row < to) {
      int position = row % time;
      int n = Math.min(time - position, to - row);
      int at = y + row * width;
      forward(n, pass.inputs(), row, position, pass.weights(), pass.activations(), at);
      row += n;
    }
    LayerEvent.end(event, "embedding", "forward");
  }

  void forward(
      int time,
      int[] ids,
      int idsOffset,
      int firstPosition,
      float[] weights,
      float[] y,
      int yOffset) {
    kernel.gather(
        time,
        width,
        ids,
        idsOffset,
        firstPosition,
        weights,
        tokens.offset(),
        weights,
        positions.offset(),
        y,
        yOffset);
  }

  /**
   * Adds the rows of dy to the gradients of both tables. In a team the first member does it for all
   * rows, since two may be of one token.
   */
  public void backward(Pass pass, int dy) {
    pass.meet();
    if (!pass.isFirst()) {
      return;
    }
    LayerEvent event = LayerEvent.start();
    int time = pass.time();
    for (int s = 0; s < pass.sequences(); s++) {
      int row = s * time;
      kernel.scatterAdd(
          time,
          width,
          pass.inputs(),
          row,
          pass.activations(),
          dy + row * width,
          pass.gradients(),
          tokens.offset(),
          pass.gradients(),
          positions.offset());
    }
    LayerEvent.end(event, "embedding", "backward");
  }
}
