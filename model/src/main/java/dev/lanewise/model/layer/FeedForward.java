package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.kernels.Gelu;

/** The feed-forward network of a block: up-projection, tanh-GELU, down-projection. */
final class FeedForward {

  private final String geluName;
  private final int hiddenWidth;
  private final Linear up;
  private final Linear down;
  private final int hidden;
  private final int activated;
  private final int dHidden;
  private final Gelu gelu;

  /**
   * Makes the network {@code name} with layers {@code c_fc} and {@code c_proj}.
   *
   * @param dHidden room for a gradient of [rows, hiddenWidth], free to use in backward
   */
  public FeedForward(
      Blueprint blueprint, String name, int width, int hiddenWidth, boolean biases, int dHidden) {
    this.geluName = name + ".gelu";
    this.hiddenWidth = hiddenWidth;
    this.up = new Linear(blueprint, name + ".c_fc", width, hiddenWidth, biases);
    this.down = new Linear(blueprint, name + ".c_proj", hiddenWidth, width, biases);
    this.hidden = blueprint.activation(name + ".hidden", blueprint.rows() * hiddenWidth);
    this.activated = blueprint.activation(name + ".activated", blueprint.rows() * hiddenWidth);
    this.dHidden = dHidden;
    this.gelu = blueprint.kernels().gelu();
  }

  /** y from x, both [rows, width]. */
  public void forward(Pass pass, int x, int y) {
    up.forward(pass, x, hidden);
    LayerEvent event = LayerEvent.start();
    float[] a = pass.activations();
    int from = pass.fromRow() * hiddenWidth;
    int n = pass.toRow() * hiddenWidth - from;
    gelu.forward(n, a, hidden + from, a, activated + from);
    LayerEvent.end(event, geluName, "forward");
    down.forward(pass, activated, y);
  }

  /** dx from dy (overwritten), both [rows, width]. */
  public void backward(Pass pass, int x, int dy, int dx) {
    down.backward(pass, activated, dy, dHidden);
    LayerEvent event = LayerEvent.start();
    float[] a = pass.activations();
    int from = pass.fromRow() * hiddenWidth;
    int n = pass.toRow() * hiddenWidth - from;
    gelu.backward(n, a, hidden + from, a, dHidden + from, a, dHidden + from);
    LayerEvent.end(event, geluName, "backward");
    up.backward(pass, x, dHidden, dx);
  }

  void visit(String name, Pass pass, ActivationVisitor visitor) {
    visitor.visit(name + ".c_fc", hidden, pass.rows() * hiddenWidth);
    visitor.visit(name + ".gelu", activated, pass.rows() * hiddenWidth);
  }

  Linear up() {
    return up;
  }

  Linear down() {
    return down;
  }

  Gelu gelu() {
    return gelu;
  }

  int hiddenWidth() {
    return hiddenWidth;
  }

  /** See {@link Linear#flopsPerRow}. */
  public long flopsPerRow() {
    return up.flopsPerRow() + down.flopsPerRow();
  }
}
