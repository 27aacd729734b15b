package dev.lanewise.model.memory;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.Matrix;

/** The activations and scratch that the members of a team share, as views. */
final class TeamMemory {

  private final Use use;
  private final Matrix[] views;
  private final Matrix[] transposed;
  private final Scratch.Views scratch;
  private final float[] losses;

  TeamMemory(Use use, Matrix[] views, Scratch.Views scratch, float[] losses) {
    this.use = use;
    this.views = views;
    this.scratch = scratch;
    this.losses = losses;
    this.transposed = new Matrix[views.length];
    for (int i = 0; i < views.length; i++) {
      transposed[i] = views[i] == null ? null : views[i].transposed(losses.length);
    }
  }

  Use use() {
    return use;
  }

  Matrix view(Activation activation) {
    return views[activation.index()];
  }

  Matrix transposed(Activation activation) {
    return transposed[activation.index()];
  }

  Scratch.Views scratch() {
    return scratch;
  }

  float[] losses() {
    return losses;
  }
}
