package dev.lanewise.trainer.run.metrics;

/**
 * What one step did.
 *
 * @param step counted from 0
 * @param loss mean loss of the batch before the update, nats per token
 * @param learningRate of the update
 * @param gradientNorm before clipping
 * @param milliseconds wall time of drawing the batch and taking the step
 * @param tokens that went through the model
 * @param counted how many of them had a target that counts: what the loss is the mean of
 * @param flops floating-point operations, see {@link dev.lanewise.model.Transformer#flops}
 */
public record StepMetrics(
    long step,
    double loss,
    double learningRate,
    double gradientNorm,
    double milliseconds,
    int tokens,
    int counted,
    long flops) {

  /** A step in which all tokens count. */
  public StepMetrics(
      long step,
      double loss,
      double learningRate,
      double gradientNorm,
      double milliseconds,
      int tokens,
      long flops) {
    this(step, loss, learningRate, gradientNorm, milliseconds, tokens, tokens, flops);
  }

  /** Returns tokens per second. */
  public double tokensPerSecond() {
    return tokens / milliseconds * 1e3;
  }

  /** Returns 10^9 floating-point operations per second. */
  public double gigaflops() {
    return flops / milliseconds / 1e6;
  }
}
