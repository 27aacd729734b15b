package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.kernels.Elementwise;

/** A pre-LN block: x + dropout(attention(norm(x))), then the same with the feed-forward network. */
public final class TransformerBlock {

  private final String name;
  private final String residualName;
  private final int width;
  private final LayerNorm attentionNorm;
  private final CausalSelfAttention attention;
  private final Dropout attentionDropout;
  private final LayerNorm feedForwardNorm;
  private final FeedForward feedForward;
  private final Dropout feedForwardDropout;
  private final int normed1;
  private final int middle;
  private final int normed2;
  private final int output;
  private final Buffers buffers;
  private final Elementwise elementwise;

  /**
   * Memory that all blocks share, because none needs it for longer than its own turn.
   *
   * @param branch [rows, C]: a branch's output in forward, its gradient in backward
   * @param inner [rows, C]: the gradient of a branch's normed input
   * @param wide [rows, max(3C, d_ff)]: the gradient inside a branch
   */
  public record Buffers(int branch, int inner, int wide) {

    /** Reserves the buffers. */
    public static Buffers reserve(Blueprint blueprint, int width, int hiddenWidth) {
      long rows = blueprint.rows();
      return new Buffers(
          blueprint.activation("branch", rows * width),
          blueprint.activation("inner", rows * width),
          blueprint.activation("wide", rows * Math.max(3 * width, hiddenWidth)));
    }
  }

  /** Makes the block {@code name} with layers in GPT-2's names. */
  public TransformerBlock(
      Blueprint blueprint,
      String name,
      int width,
      int heads,
      int hiddenWidth,
      boolean biases,
      float dropout,
      Buffers buffers) {
    long floats = blueprint.rows() * width;
    this.name = name;
    this.residualName = name + ".residual";
    this.width = width;
    this.buffers = buffers;
    this.attentionNorm = new LayerNorm(blueprint, name + ".ln_1", width, biases);
    this.attention =
        new CausalSelfAttention(blueprint, name + ".attn", width, heads, biases, buffers.wide());
    this.attentionDropout = new Dropout(blueprint, name + ".attn.dropout", width, dropout);
    this.feedForwardNorm = new LayerNorm(blueprint, name + ".ln_2", width, biases);
    this.feedForward =
        new FeedForward(blueprint, name + ".mlp", width, hiddenWidth, biases, buffers.wide());
    this.feedForwardDropout = new Dropout(blueprint, name + ".mlp.dropout", width, dropout);
    this.normed1 = blueprint.activation(name + ".ln_1.out", floats);
    this.middle = blueprint.activation(name + ".middle", floats);
    this.normed2 = blueprint.activation(name + ".ln_2.out", floats);
    this.output = blueprint.activation(name + ".out", floats);
    this.elementwise = blueprint.kernels().elementwise();
  }

  /** Computes the block's output from x [rows, C] and returns where it is. */
  public int forward(Pass pass, int x) {
    int branch = buffers.branch();
    attentionNorm.forward(pass, x, normed1);
    attention.forward(pass, normed1, branch);
    attentionDropout.forward(pass, branch);
    add(pass, x, branch, middle);
    feedForwardNorm.forward(pass, middle, normed2);
    feedForward.forward(pass, normed2, branch);
    feedForwardDropout.forward(pass, branch);
    add(pass, middle, branch, output);
    return output;
  }

  private void add(Pass pass, int a, int b, int y) {
    LayerEvent event = LayerEvent.start();
    float[] data = pass.activations();
    int from = pass.fromRow() * width;
    elementwise.add(pass.toRow() * width - from, data, a + from, data, b + from, data, y + from);
    LayerEvent.end(event, residualName, "forward");
  }

  /** Turns d, the gradient of the output, into the gradient of x, in place. */
  public void backward(Pass pass, int x, int d) {
    int inner = buffers.inner();
    int branch = feedForwardDropout.backward(pass, d, buffers.branch());
    feedForward.backward(pass, normed2, branch, inner);
    feedForwardNorm.backward(pass, middle, inner, d);
    branch = attentionDropout.backward(pass, d, buffers.branch());
    attention.backward(pass, normed1, branch, inner);
    attentionNorm.backward(pass, x, inner, d);
  }

  /** Shows what forward has computed. */
  public void visit(Pass pass, ActivationVisitor visitor) {
    int floats = pass.rows() * width;
    visitor.visit(name + ".ln_1", normed1, floats);
    attention.visit(name + ".attn", pass, visitor);
    visitor.visit(name + " (after attention)", middle, floats);
    visitor.visit(name + ".ln_2", normed2, floats);
    feedForward.visit(name + ".mlp", pass, visitor);
    visitor.visit(name + " (after feed-forward)", output, floats);
  }

  /** Returns where forward leaves the output. */
  public int output() {
    return output;
  }

  LayerNorm attentionNorm() {
    return attentionNorm;
  }

  CausalSelfAttention attention() {
    return attention;
  }

  LayerNorm feedForwardNorm() {
    return feedForwardNorm;
  }

  FeedForward feedForward() {
    return feedForward;
  }

  /** See {@link Linear#flopsPerRow}. */
  public long flopsPerRow() {
    return attention.flopsPerRow() + feedForward.flopsPerRow();
  }
}
