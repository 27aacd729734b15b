package dev.lanewise.trainer.optim;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;

/**
 * AdamW over all parameters: the two moments, and the update, which goes piece by piece. Weight
 * decay applies to matrices only; with decay 0 this is Adam. The arithmetic is {@link
 * dev.lanewise.kernels.AdamW}'s.
 */
public final class AdamW {

  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final float weightDecay;
  private final ParameterStore firstMoment;
  private final ParameterStore secondMoment;
  private final dev.lanewise.kernels.AdamW kernel;
  private final dev.lanewise.kernels.AdamW.Step scalars = new dev.lanewise.kernels.AdamW.Step();

  /** Makes an optimizer whose moments are zero. */
  public AdamW(
      ParameterLayout layout,
      KernelSet kernels,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay) {
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.kernel = kernels.adamW();
    this.firstMoment = new ParameterStore(layout);
    this.secondMoment = new ParameterStore(layout);
    this.weightDecay = (float) weightDecay;
  }

  /** Returns the decaying mean of the gradient, part of a checkpoint. */
  public ParameterStore firstMoment() {
    return firstMoment;
  }

  /** Returns the decaying mean of the squared gradient, part of a checkpoint. */
  public ParameterStore secondMoment() {
    return secondMoment;
  }

  /**
   * Begins an update of all weights, which {@link #update} then makes piece by piece.
   *
   * @param t how many updates there will have been after this one, for the bias correction
   * @param gradientScale what clipping multiplies the gradient by
   */
  public void begin(long t, double learningRate, double gradientScale) {
    scalars.set(learningRate, beta1, beta2, epsilon, gradientScale, t);
  }

  /**
   * Updates a range of one parameter. For several threads at a time, each with another range.
   *
   * @param offset of the range in the flat weights and gradients
   */
  public void update(
      Parameter parameter, int offset, int size, float[] weights, float[] gradients) {
    float decay = parameter.isMatrix() ? weightDecay : 0f;
    float[] m = firstMoment.data();
    kernel.update(scalars, decay, size, offset, weights, m, secondMoment.data(), gradients);
  }
}
