package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.kernels.Elementwise;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/**
 * A pre-norm block: x + dropout(attention(norm(x))), then the same with the feed-forward network;
 * or both from the same x, side by side.
 */
public final class TransformerBlock {

  /** The buffer of a branch: its output in forward, the gradient of that in backward. */
  private static final String BRANCH = "branch";

  /**
   * The buffer of the gradient of a branch's normed input; before that of the heads' output, which
   * is no longer needed when the other is written.
   */
  static final String INNER = "inner";

  /** The buffer of the gradient inside a branch. */
  static final String INSIDE = "inside";

  /** The buffer of another gradient inside a branch, needed at the same time as that one. */
  static final String DEEPER = "deeper inside";

  /** The buffer of another gradient of a branch's normed input, where both are needed at once. */
  private static final String INNER_TOO = "inner too";

  private static final String INPUT = ".input";

  private final LayerWork residualWork;
  private final boolean parallel;

  /** Whether backward norms its input again. */
  private final boolean repeats;

  private final BlockInput input;
  private final Norm attentionNorm;
  private final SelfAttention attention;
  private final Dropout attentionDropout;
  private final Norm feedForwardNorm;
  private final FeedForward feedForward;
  private final Dropout feedForwardDropout;
  private final Activation normed1;
  private final Activation middle;
  private final Activation normed2;
  private final Activation output;
  private final Activation branch;
  private final Activation inner;
  private final Activation innerToo;
  private final Elementwise elementwise;

  /**
   * What a model chooses.
   *
   * @param width floats per position (C)
   * @param dropout rate in [0, 1) behind the attention and the feed-forward network
   * @param parallel whether the feed-forward network reads the block's input as the attention does,
   *     and not what the attention added to it (Wang and Komatsuzaki, 2021)
   */
  public record Choice(
      int width,
      Norm.Choice norm,
      SelfAttention.Choice attention,
      FeedForward.Choice feedForward,
      float dropout,
      boolean parallel) {

    /** The choice of one after the other. */
    public Choice(
        int width,
        Norm.Choice norm,
        SelfAttention.Choice attention,
        FeedForward.Choice feedForward,
        float dropout) {
      this(width, norm, attention, feedForward, dropout, false);
    }

    /** Returns the same choice with another rate of dropout. */
    public Choice withDropout(float rate) {
      return new Choice(width, norm, attention, feedForward, rate, parallel);
    }
  }

  /**
   * Makes the block {@code name}. The order in which it makes its layers numbers their parameters.
   *
   * @param paths by which the embedding reaches it
   * @param valueTokens see {@link SelfAttention}
   * @param keepProbabilities see {@link SelfAttention}
   * @param hidden initialises matrices
   * @param residual initialises the matrices that write to the residual stream
   */
  public TransformerBlock(
      Blueprint blueprint,
      String name,
      Choice choice,
      TokenPaths paths,
      int valueTokens,
      Positions positions,
      boolean keepProbabilities,
      Initializer hidden,
      Initializer residual) {
    int width = choice.width;
    this.residualWork = LayerWork.floats(name + ".residual", LayerWork.FORWARD, "add", 3L * width);
    this.parallel = choice.parallel;
    this.elementwise = blueprint.kernels().elementwise();
    this.branch = blueprint.buffer(BRANCH, width);
    this.inner = blueprint.buffer(INNER, width);
    this.innerToo = parallel ? blueprint.buffer(INNER_TOO, width) : null;
    blueprint.beginBlock();
    this.input = paths.everyBlock() ? new BlockInput(blueprint, name + INPUT, width) : null;
    this.repeats = blueprint.repeatsCheap();
    this.normed1 = blueprint.cheapResult(name + ".attention_norm", width);
    this.attentionNorm = choice.norm.layer(blueprint, name + ".attention_norm", width);
    this.attention =
        new SelfAttention(
            blueprint,
            name + ".attention",
            width,
            choice.attention,
            valueTokens,
            positions,
            keepProbabilities,
            hidden,
            residual);
    this.attentionDropout = new Dropout(blueprint, name + ".attention.dropout", choice.dropout);
    this.middle = blueprint.result(name + " (after attention)", width);
    this.normed2 = blueprint.cheapResult(name + ".feed_forward_norm", width);
    this.feedForwardNorm = choice.norm.layer(blueprint, name + ".feed_forward_norm", width);
    this.feedForward =
        choice.feedForward.layer(blueprint, name + ".feed_forward", width, hidden, residual);
    this.feedForwardDropout =
        new Dropout(blueprint, name + ".feed_forward.dropout", choice.dropout);
    this.output = blueprint.blockOutput(name + " (after feed-forward)", width);
    blueprint.endBlock();
  }

  /**
   * Computes the block's output from x [rows, C] and returns where it is.
   *
   * @param embedding what the stream began with
   */
  public Activation forward(Pass pass, Activation x, Activation embedding) {
    attend(pass, begin(pass, x, embedding));
    feedForward.forward(pass, normed2, branch);
    feedForwardDropout.forward(pass, branch);
    add(pass, middle, branch, output);
    return output;
  }

  /**
   * Computes once more what backward reads of what {@link #forward} computed from x, to the same
   * bits: other blocks have used the memory.
   */
  public void recompute(Pass pass, Activation x, Activation embedding) {
    // Other members may still be reading what another block had there.
    pass.barrier();
    attend(pass, begin(pass, x, embedding));
    feedForward.recompute(pass, normed2);
  }

  private Activation begin(Pass pass, Activation x, Activation embedding) {
    return input == null ? x : input.forward(pass, x, embedding);
  }

  /** The first half, and the norm of the other. */
  private void attend(Pass pass, Activation x) {
    attentionNorm.forward(pass, x, normed1);
    attention.forward(pass, normed1, branch);
    attentionDropout.forward(pass, branch);
    add(pass, x, branch, middle);
    feedForwardNorm.forward(pass, parallel ? x : middle, normed2);
  }

  private void add(Pass pass, Activation a, Activation b, Activation y) {
    LayerEvent event = LayerEvent.start(pass.member());
    elementwise.add(pass.fromRow(), pass.ownRows(), pass.view(a), pass.view(b), pass.view(y));
    LayerEvent.end(event, residualWork, pass.ownRows());
  }

  /**
   * Turns d, the gradient of the output, into the gradient of x, in place.
   *
   * @param dEmbedding what is added to the embedding's gradient, where the block sees it
   */
  public void backward(
      Pass pass, Activation x, Activation embedding, Activation d, Activation dEmbedding) {
    if (input == null) {
      backward(pass, x, d);
      return;
    }
    backward(pass, input.output(), d);
    input.backward(pass, x, embedding, d, dEmbedding);
  }

  private void backward(Pass pass, Activation x, Activation d) {
    if (parallel) {
      backwardInParallel(pass, x, d);
      return;
    }
    normAgain(pass, x);
    Activation dBranch = feedForwardDropout.backward(pass, d, branch);
    feedForward.backward(pass, normed2, dBranch, inner);
    feedForwardNorm.backward(pass, middle, inner, d);
    dBranch = attentionDropout.backward(pass, d, branch);
    attention.backward(pass, normed1, dBranch, inner);
    attentionNorm.backward(pass, x, inner, d);
  }

  /** By rows of this member's own, and the layers that read them begin with a barrier. */
  private void normAgain(Pass pass, Activation x) {
    if (repeats) {
      attentionNorm.forward(pass, x, normed1);
      feedForwardNorm.forward(pass, parallel ? x : middle, normed2);
    }
  }

  /** Both branches have the gradient of the output; only then is anything added to it. */
  private void backwardInParallel(Pass pass, Activation x, Activation d) {
    normAgain(pass, x);
    Activation dBranch = attentionDropout.backward(pass, d, branch);
    attention.backward(pass, normed1, dBranch, inner);
    dBranch = feedForwardDropout.backward(pass, d, branch);
    feedForward.backward(pass, normed2, dBranch, innerToo);
    feedForwardNorm.backward(pass, x, innerToo, d);
    attentionNorm.backward(pass, x, inner, d);
  }

  /** The definition in float64 of what a block computes with, for one row. */
  public static double[] defineInput(
      DoubleWeights weights, String name, double[] x, double[] embedding) {
    return BlockInput.define(weights, name + INPUT, x, embedding);
  }

  /** Returns where forward leaves the output. */
  public Activation output() {
    return output;
  }

  /** See {@link Linear#flopsPerRow}. */
  public long flopsPerRow() {
    return attention.flopsPerRow() + feedForward.flopsPerRow();
  }

  /** See {@link Linear#backwardFlopsPerRow}. */
  public long backwardFlopsPerRow() {
    return attention.backwardFlopsPerRow() + feedForward.backwardFlopsPerRow();
  }

  /** See {@link SelfAttention#flopsPerPair}. */
  public long flopsPerPair() {
    return attention.flopsPerPair();
  }
}
