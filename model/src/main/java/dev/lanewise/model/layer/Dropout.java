package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;

/** Inverted dropout; nothing outside training or at rate 0. */
public final class Dropout {

  private final String name;
  private final int width;
  private final int threshold;
  private final float scale;
  private final int stream;
  private final dev.lanewise.kernels.Dropout kernel;

  /** Makes a dropout with a random stream of its own. */
  public Dropout(Blueprint blueprint, String name, int width, float rate) {
    this.name = name;
    this.width = width;
    this.threshold = dev.lanewise.kernels.Dropout.threshold(rate);
    this.scale = 1f / (1f - rate);
    this.stream = blueprint.dropoutStream();
    this.kernel = blueprint.kernels().dropout();
  }

  /** Masks x in place. */
  public void forward(Pass pass, int x) {
    if (isActive(pass)) {
      apply(pass, x, x, "forward");
    }
  }

  /**
   * Masks the gradient dy into dx with forward's mask.
   *
   * @return where the gradient of x is: dx, or dy itself if there is nothing to do
   */
  public int backward(Pass pass, int dy, int dx) {
    if (!isActive(pass)) {
      return dy;
    }
    apply(pass, dy, dx, "backward");
    return dx;
  }

  private boolean isActive(Pass pass) {
    return pass.training() && threshold > 0;
  }

  private void apply(Pass pass, int from, int to, String direction) {
    LayerEvent event = LayerEvent.start();
    int first = pass.fromRow() * width;
    kernel.apply(
        pass.toRow() * width - first,
        pass.activations(),
        from + first,
        pass.activations(),
        to + first,
        threshold,
        scale,
        pass.seed(),
        stream,
        pass.step(),
        pass.firstRow() * width + first);
    LayerEvent.end(event, name, direction);
  }
}
