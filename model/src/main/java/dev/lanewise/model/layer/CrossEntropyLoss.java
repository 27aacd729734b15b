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

  /**
   * What training minimizes. An evaluation's loss is always the plain one.
   *
   * @param sampled tokens drawn beside the targets where a pass asks for a sampled softmax, see
   *     {@link Pass#withSampledSoftmax}; 0 for all of the vocabulary always
   * @param temperature what the logits are divided by. Below 1 the loss makes them steeper, so the
   *     model learns flatter ones, and these are what evaluations and generation use. It is for
   *     texts that are read many times: a model becomes surer of such a text than it may be of
   *     others. This is the temperature scaling of Guo et al. (2017, arXiv 1706.04599), but with a
   *     number that is set before training
   */
  public record Choice(int sampled, float temperature) {

    /** The plain loss over all of the vocabulary. */
    public static final Choice EXACT = new Choice(0, 1);

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException that names the value that is wrong
     */
    public Choice {
      if (sampled < 0) {
        throw new IllegalArgumentException("drawing " + sampled + " tokens is not possible");
      }
      float inverse = 1 / temperature;
      if (!(inverse > 0 && inverse < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "the temperature " + temperature + " is no positive number to divide by");
      }
    }

    /** Returns what the logits are multiplied by. */
    float inverseTemperature() {
      return 1 / temperature;
    }
  }

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
  private final float inverseTemperature;
  private final int blockRows;
  private final Activation logits;

  /** Null where training takes the softmax over all tokens too. */
  private final SampledSoftmax sampled;

  /**
   * Makes the loss.
   *
   * @param head the weight [V, C] of the projection, which may be the token embedding's
   * @throws IllegalArgumentException if tokens are drawn, of more than there are rows and draws
   *     together, and the head is not trained
   */
  public CrossEntropyLoss(Blueprint blueprint, Parameter head, Choice choice) {
    this(blueprint, head, choice, blockRows(blueprint, head));
  }

  /** As the public one, with that many rows in a block. */
  CrossEntropyLoss(Blueprint blueprint, Parameter head, Choice choice, int blockRows) {
    this.kernel = blueprint.kernels().crossEntropy();
    this.inverseTemperature = choice.inverseTemperature();
    this.blockRows = blockRows;
    this.head = Linear.ofTable(blueprint, NAME, head, blockRows);
    long forward = this.head.flopsPerRow();
    String both = LayerWork.FORWARD + "+" + LayerWork.BACKWARD;
    this.forwardWork = LayerWork.products(NAME, LayerWork.FORWARD, KERNELS, forward);
    this.trainingWork =
        LayerWork.products(NAME, both, KERNELS, forward + this.head.backwardFlopsPerRow());
    this.logits = blueprint.block("logits", blockRows, this.head.out());
    long candidates = blueprint.rows() + choice.sampled;
    this.sampled =
        choice.sampled > 0 && candidates < this.head.out()
            ? new SampledSoftmax(blueprint, head, (int) candidates, choice, blockRows)
            : null;
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

  /** Writes each row's plain loss to {@link Pass#losses} from x [rows, C]; a barrier at the end. */
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
   * Writes each row's loss as it was chosen for training, and the gradient of {@code scale} times
   * their sum: into dx (overwritten) and the head's weight. A barrier at the end.
   */
  public void forwardAndBackward(Pass pass, float scale, Activation x, Activation dx) {
    if (sampled != null && pass.hasSampledSoftmax()) {
      sampled.forwardAndBackward(pass, scale, x, dx);
      return;
    }
    LayerEvent event = LayerEvent.start(pass.member());
    int[] targets = pass.batch().targets();
    for (int row = 0; row < pass.rows(); row += blockRows) {
      int rows = Math.min(blockRows, pass.rows() - row);
      head.forward(pass, rows, x, row, logits);
      int from = pass.member().from(rows, 1);
      int own = pass.member().to(rows, 1) - from;
      kernel.lossAndGradient(
          from, own, inverseTemperature, scale, pass.view(logits), targets, pass.losses(), row);
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

  /** Returns the most rows of {@link #logits} in passes over whole documents. */
  public int blockRows() {
    return blockRows;
  }

  /**
   * Multiply-adds per row of forward and backward, counted as two operations each.
   *
   * @param sampling whether the pass asks for a sampled softmax
   */
  public long trainingFlopsPerRow(boolean sampling) {
    return sampling && sampled != null
        ? sampled.flopsPerRow()
        : head.flopsPerRow() + head.backwardFlopsPerRow();
  }
}
