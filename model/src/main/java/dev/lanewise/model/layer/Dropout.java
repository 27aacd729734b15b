package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/** Inverted dropout; nothing outside training or at rate 0. */
public final class Dropout {

  private static final String KERNEL = "dropout";

  private final LayerWork forwardWork;
  private final LayerWork backwardWork;
  private final boolean drops;
  private final dev.lanewise.kernels.Dropout.Mask mask;
  private final dev.lanewise.kernels.Dropout kernel;

  /** Makes a dropout with a random stream of its own. */
  public Dropout(Blueprint blueprint, String name, float rate) {
    // Of a float, which is read and written.
    this.forwardWork = LayerWork.floats(name, LayerWork.FORWARD, KERNEL, 2);
    this.backwardWork = LayerWork.floats(name, LayerWork.BACKWARD, KERNEL, 2);
    this.mask = new dev.lanewise.kernels.Dropout.Mask(rate, blueprint.dropoutStream());
    this.drops = mask.threshold() > 0;
    this.kernel = blueprint.kernels().dropout();
  }

  /** Masks x in place. */
  public void forward(Pass pass, Activation x) {
    if (isActive(pass)) {
      apply(pass, x, x, forwardWork);
    }
  }

  /**
   * Masks the gradient dy into dx with forward's mask.
   *
   * @return where the gradient of x is: dx, or dy itself if there is nothing to do
   */
  public Activation backward(Pass pass, Activation dy, Activation dx) {
    if (!isActive(pass)) {
      return dy;
    }
    apply(pass, dy, dx, backwardWork);
    return dx;
  }

  private boolean isActive(Pass pass) {
    return pass.hasDropout() && drops;
  }

  private void apply(Pass pass, Activation from, Activation to, LayerWork work) {
    LayerEvent event = LayerEvent.start(pass.member());
    kernel.apply(
        pass.fromRow(),
        pass.ownRows(),
        pass.view(from),
        pass.view(to),
        mask,
        pass.seed(),
        pass.step(),
        pass.firstRow());
    LayerEvent.end(event, work, (long) pass.ownRows() * from.columns());
  }
}
