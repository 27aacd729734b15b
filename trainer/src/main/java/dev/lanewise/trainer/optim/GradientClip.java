package dev.lanewise.trainer.optim;

/**
 * Clipping by global norm (Pascanu, Mikolov and Bengio, 2013): a gradient g longer than c is scaled
 * by c / (‖g‖ + 1e-8).
 *
 * @param maxNorm c; 0 turns clipping off
 */
public record GradientClip(double maxNorm) {

  private static final double EPSILON = 1e-8;

  /** Returns what to multiply a gradient of that norm by. */
  public double scale(double norm) {
    return maxNorm > 0 && norm > maxNorm ? maxNorm / (norm + EPSILON) : 1;
  }
}
