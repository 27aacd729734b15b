package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/**
 * The head and the softmax cross-entropy behind it, fused: a block of rows at a time is projected
 * to the vocabulary, its loss and gradient computed in place, and carried back through the
 * projection, so that the logits of a whole batch never exist at once.
 */
public final class CrossEntropyLoss {

  private static final String NAME = "head";
  private static final String KERNELS = "matmul, cross entropy";

  /** Floats of logits in a block, 64 MB: what fits if it leaves enough rows for the products. */
  private static final int BLOCK = 1 << 24;

  private static final int FEWEST_ROWS = 64;
  private static final int MOST_ROWS = 128;

  /**
   * Weights of more floats than this, 32 MB, come from memory for each block: the fewer the better.
   */
  private static final int CACHED = 1 << 23;

  private static final int MOST_ROWS_UNCACHED = 256;

  private final Linear head;
  private final LayerWork forwardWork;
  private final LayerWork trainingWork;
  private final CrossEntropy kernel;
  private final int blockRows;
  private final Activation logits;

  /**
   * Makes the loss.
   *
   * @param head the weight [V, C] of the projection, which may be the token embedding's
   */
  public CrossEntropyLoss(Blueprint blueprint, Parameter head) {
    this(blueprint, head, blockRows(blueprint, head));
  }

  /** As the public one, with that many rows in a block. */
  CrossEntropyLoss(Blueprint blueprint, Parameter head, int blockRows) {
    this.kernel = blueprint.kernels().crossEntropy();
    this.blockRows = blockRows;
    this.head = Linear.ofTable(blueprint, NAME, head, blockRows);
    long forward = this.head.flopsPerRow();
    String both = LayerWork.FORWARD + "+" + LayerWork.BACKWARD;
    this.forwardWork = LayerWork.products(NAME, LayerWork.FORWARD, KERNELS, forward);
    this.trainingWork =
        LayerWork.products(NAME, both, KERNELS, forward + this.head.backwardFlopsPerRow());
    this.logits = blueprint.state("logits", blockRows, this.head.out());
  }

  /** The rows of a pass cut evenly. */
  private static int blockRows(Blueprint blueprint, Parameter head) {
    int vocabularySize = head.shape().dimension(0);
    boolean cached = head.size() <= CACHED;
    long fitting = BLOCK / vocabularySize / 16 * 16L;
    long most = Math.clamp(fitting, FEWEST_ROWS, cached ? MOST_ROWS : MOST_ROWS_UNCACHED);
    long blocks = Math.ceilDiv(blueprint.rows(), most);
    return (int) Math.ceilDiv(blueprint.rows(), blocks);
  }

  /** Writes each row's loss to {@link Pass#losses} from x [rows, C]; a barrier at the end. */
  public void forward(Pass pass, Activation x) {
    LayerEvent event = LayerEvent.start(pass.member());
    int[] targets = pass.batch().targets();
    for (int row = 0; row < pass.rows(); row += blockRows) {
      int rows = Math.min(blockRows, pass.rows() - row);
      head.forward(pass, rows, x, row, logits);
      int from = pass.member().from(rows, 1);
      int own = pass.member().to(rows, 1) - from;
      kernel.loss(from, own, pass.view(logits), targets, pass.losses(), row);
    }
    pass.barrier();
    LayerEvent.end(event, forwardWork, pass.ownRows());
  }

  /**
   * Writes each row's loss, and the gradient of {@code scale} times their sum: into dx
   * (overwritten) and the head's weight. A barrier at the end.
   */
  public void forwardAndBackward(Pass pass, float scale, Activation x, Activation dx) {
    LayerEvent event = LayerEvent.start(pass.member());
    int[] targets = pass.batch().targets();
    for (int row = 0; row < pass.rows(); row += blockRows) {
      int rows = Math.min(blockRows, pass.rows() - row);
      head.forward(pass, rows, x, row, logits);
      int from = pass.member().from(rows, 1);
      int own = pass.member().to(rows, 1) - from;
      kernel.lossAndGradient(from, own, scale, pass.view(logits), targets, pass.losses(), row);
      head.backward(pass, rows, x, logits, dx, row, row == 0 && pass.isFresh());
    }
    LayerEvent.end(event, trainingWork, pass.ownRows());
  }

  /**
   * Computes the logits of some rows.
   *
   * @return a view whose row i belongs to row {@code row + i} of x; what the head computes next
   *     overwrites it
   */
  public Matrix logits(Pass pass, int rows, Activation x, int row) {
    LayerEvent event = LayerEvent.start(pass.member());
    head.forward(pass, rows, x, row, logits);
    LayerEvent.end(event, forwardWork, ownRows(pass, rows));
    return pass.view(logits);
  }

  private static int ownRows(Pass pass, int rows) {
    return pass.member().to(rows, 1) - pass.member().from(rows, 1);
  }

  /** Returns the most rows of {@link #logits}. */
  public int blockRows() {
    return blockRows;
  }

  /** See {@link Linear#flopsPerRow}. */
  public long flopsPerRow() {
    return head.flopsPerRow();
  }

  /** See {@link Linear#backwardFlopsPerRow}. */
  public long backwardFlopsPerRow() {
    return head.backwardFlopsPerRow();
  }
}
