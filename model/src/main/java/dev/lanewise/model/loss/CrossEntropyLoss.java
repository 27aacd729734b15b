package dev.lanewise.model.loss;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.model.layer.Blueprint;
import dev.lanewise.model.layer.OutputProjection;
import dev.lanewise.model.layer.Pass;

/**
 * The output projection and the softmax cross-entropy behind it, fused: a block of rows at a time
 * is projected, its loss and gradient computed in place, and carried back through the projection,
 * so that the logits of a whole batch never exist at once.
 */
public final class CrossEntropyLoss {

  /** Floats of logits in a block, 64 MB: what fits if it leaves enough rows for the products. */
  private static final int BLOCK = 1 << 24;

  private static final int FEWEST_ROWS = 64;
  private static final int MOST_ROWS = 128;

  /**
   * Weights of more floats than this, 32 MB, come from memory for each block: the fewer the better.
   */
  private static final int CACHED = 1 << 23;

  private static final int MOST_ROWS_UNCACHED = 256;

  private final OutputProjection projection;
  private final CrossEntropy kernel;
  private final int width;
  private final int blockRows;
  private final int logits;

  /** Makes the loss behind a projection of rows of that width. */
  public CrossEntropyLoss(Blueprint blueprint, OutputProjection projection, int width) {
    this(blueprint, projection, width, blockRows(blueprint, projection.vocabularySize(), width));
  }

  /** As the public one, with a number of rows that the projection has been made for. */
  CrossEntropyLoss(Blueprint blueprint, OutputProjection projection, int width, int blockRows) {
    this.projection = projection;
    this.kernel = blueprint.kernels().crossEntropy();
    this.width = width;
    this.blockRows = blockRows;
    this.logits = blueprint.activation("logits", (long) blockRows * projection.vocabularySize());
  }

  /** Returns the rows of a block for a projection of that size: the rows of a pass cut evenly. */
  public static int blockRows(Blueprint blueprint, int vocabularySize, int width) {
    boolean cached = (long) vocabularySize * width <= CACHED;
    long fitting = BLOCK / vocabularySize / 16 * 16L;
    long most = Math.clamp(fitting, FEWEST_ROWS, cached ? MOST_ROWS : MOST_ROWS_UNCACHED);
    long blocks = Math.ceilDiv(blueprint.rows(), most);
    return (int) Math.ceilDiv(blueprint.rows(), blocks);
  }

  /** Writes each row's loss to {@link Pass#losses} from x [rows, C]; a team meets at the end. */
  public void forward(Pass pass, int x) {
    LayerEvent event = LayerEvent.start();
    int vocabularySize = projection.vocabularySize();
    for (int row = 0; row < pass.rows(); row += blockRows) {
      int rows = Math.min(blockRows, pass.rows() - row);
      projection.forward(pass, rows, x + row * width, logits);
      int from = pass.from(rows, 1);
      kernel.loss(
          pass.to(rows, 1) - from,
          vocabularySize,
          pass.activations(),
          logits + from * vocabularySize,
          vocabularySize,
          pass.targets(),
          row + from,
          pass.losses(),
          row + from);
    }
    pass.meet();
    LayerEvent.end(event, "head", "forward");
  }

  /**
   * Writes each row's loss, and the gradient of {@code scale} times their sum: into dx
   * (overwritten) and the projection's weights. A team meets at the end.
   */
  public void forwardAndBackward(Pass pass, float scale, int x, int dx) {
    LayerEvent event = LayerEvent.start();
    int vocabularySize = projection.vocabularySize();
    for (int row = 0; row < pass.rows(); row += blockRows) {
      int rows = Math.min(blockRows, pass.rows() - row);
      projection.forward(pass, rows, x + row * width, logits);
      int from = pass.from(rows, 1);
      kernel.lossAndGradient(
          pass.to(rows, 1) - from,
          vocabularySize,
          scale,
          pass.activations(),
          logits + from * vocabularySize,
          vocabularySize,
          pass.targets(),
          row + from,
          pass.losses(),
          row + from);
      projection.backward(pass, rows, x + row * width, logits, dx + row * width, row == 0);
    }
    LayerEvent.end(event, "head", "forward+backward");
  }
}
