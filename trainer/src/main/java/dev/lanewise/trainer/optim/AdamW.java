package dev.lanewise.trainer.optim;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW over all parameters: the two moments, and the update shared out among workers in blocks.
 * Weight decay applies to matrices only; with decay 0 this is Adam. The arithmetic is {@link
 * dev.lanewise.kernels.AdamW}'s.
 */
public final class AdamW {

  private static final int BLOCK = 1 << 14;

  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final ParameterStore firstMoment;
  private final ParameterStore secondMoment;
  private final List<Block> blocks = new ArrayList<>();
  private final dev.lanewise.kernels.AdamW kernel;
  private final WorkerPool.Task task = this::updateBlock;
  private final dev.lanewise.kernels.AdamW.Step scalars = new dev.lanewise.kernels.AdamW.Step();
  private float[] weights;
  private float[] gradients;

  /** A range of one parameter. */
  private record Block(int offset, int size, float decay) {}

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
    for (Parameter parameter : layout.parameters()) {
      float decay = parameter.isMatrix() ? (float) weightDecay : 0f;
      for (int from = 0; from < parameter.size(); from += BLOCK) {
        int size = Math.min(BLOCK, parameter.size() - from);
        blocks.add(new Block(parameter.offset() + from, size, decay));
      }
    }
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
   * Updates the weights.
   *
   * @param t how many updates there will have been after this one, for the bias correction
   * @param gradientScale what clipping multiplies the gradient by
   */
  public void update(
      WorkerPool pool,
      long t,
      double learningRate,
      double gradientScale,
      float[] weights,
      float[] gradients) {
    scalars.set(learningRate, beta1, beta2, epsilon, gradientScale, t);
    this.weights = weights;
    this.gradients = gradients;
    pool.run(blocks.size(), task);
  }

  private void updateBlock(int index, int worker) {
    Block block = blocks.get(index);
    kernel.update(
        scalars,
        block.decay(),
        block.size(),
        block.offset(),
        weights,
        firstMoment.data(),
        secondMoment.data(),
        gradients);
  }
}
