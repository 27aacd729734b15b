package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.kernels.Attention;

/**
 * Multi-head causal self-attention: one projection to queries, keys and values side by side, the
 * heads, and the projection back. A team shares the heads of all sequences out; the projections
 * before and after meet.
 */
final class CausalSelfAttention {

  private final String coreName;
  private final int width;
  private final int heads;
  private final Linear qkvProjection;
  private final Linear outProjection;
  private final int qkv;
  private final int probabilities;
  private final int mixed;
  private final int dQkv;
  private final Attention attention;

  /**
   * Makes the layer {@code name} with layers {@code c_attn} and {@code c_proj}.
   *
   * @param dQkv room for a gradient of [rows, 3 width], free to use in backward
   */
  public CausalSelfAttention(
      Blueprint blueprint, String name, int width, int heads, boolean biases, int dQkv) {
    this.coreName = name + ".core";
    this.width = width;
    this.heads = heads;
    this.qkvProjection = new Linear(blueprint, name + ".c_attn", width, 3 * width, biases);
    this.outProjection = new Linear(blueprint, name + ".c_proj", width, width, biases);
    this.qkv = blueprint.activation(name + ".qkv", blueprint.rows() * 3 * width);
    this.probabilities =
        blueprint.activation(name + ".probabilities", blueprint.rows() * blueprint.time() * heads);
    this.mixed = blueprint.activation(name + ".mixed", blueprint.rows() * width);
    this.dQkv = dQkv;
    this.attention = blueprint.kernels().attention();
    blueprint.ownScratch(attention.scratchSize(blueprint.time(), width / heads));
  }

  /** y from x, both [rows, width]. */
  public void forward(Pass pass, int x, int y) {
    qkvProjection.forward(pass, x, qkv);
    LayerEvent event = LayerEvent.start();
    float[] a = pass.activations();
    int time = pass.time();
    int headSize = width / heads;
    int to = pass.to(pass.sequences() * heads, 1);
    for (int i = pass.from(pass.sequences() * heads, 1); i < to; i++) {
      int s = i / heads;
      int h = i % heads;
      int q = qkv + s * time * 3 * width + h * headSize;
      attention.forward(
          time,
          headSize,
          a,
          q,
          q + width,
          q + 2 * width,
          3 * width,
          a,
          mixed + s * time * width + h * headSize,
          width,
          a,
          probabilities + i * time * time,
          a,
          pass.ownScratch());
    }
    LayerEvent.end(event, coreName, "forward");
    outProjection.forward(pass, mixed, y);
  }

  /** dx from dy (both overwritten), both [rows, width]. */
  public void backward(Pass pass, int x, int dy, int dx) {
    // dx serves as the gradient of the heads' output until its own turn comes.
    outProjection.backward(pass, mixed, dy, dx);
    LayerEvent event = LayerEvent.start();
    float[] a = pass.activations();
    int time = pass.time();
    int headSize = width / heads;
    int to = pass.to(pass.sequences() * heads, 1);
    for (int i = pass.from(pass.sequences() * heads, 1); i < to; i++) {
      int s = i / heads;
      int h = i % heads;
      int q = qkv + s * time * 3 * width + h * headSize;
      int dq = dQkv + s * time * 3 * width + h * headSize;
      attention.backward(
          time,
          headSize,
          a,
          q,
          q + width,
          q + 2 * width,
          3 * width,
          a,
          probabilities + i * time * time,
          a,
          dx + s * time * width + h * headSize,
          width,
          a,
          dq,
          dq + width,
          dq + 2 * width,
          a,
          pass.ownScratch());
    }
    LayerEvent.end(event, coreName, "backward");
    qkvProjection.backward(pass, x, dQkv, dx);
  }

  void visit(String name, Pass pass, ActivationVisitor visitor) {
    visitor.visit(name + ".c_attn", qkv, pass.rows() * 3 * width);
    visitor.visit(name + ".core", mixed, pass.rows() * width);
  }

  Linear qkvProjection() {
    return qkvProjection;
  }

  Linear outProjection() {
    return outProjection;
  }

  int heads() {
    return heads;
  }

  Attention kernel() {
    return attention;
  }

  /** See {@link Linear#flopsPerRow}; without the products between positions. */
  public long flopsPerRow() {
    return qkvProjection.flopsPerRow() + outProjection.flopsPerRow();
  }
}
