package dev.lanewise.trainer.settings;

/**
 * What the optimizer does with a gradient.
 *
 * @param kind the name of the optimizer, which the registry of optimizers knows
 * @param beta1 Adam's decay of the mean gradient
 * @param beta2 Adam's decay of the mean squared gradient
 * @param beta2HalfLife tokens after which the mean squared gradient keeps half, which then decide
 *     beta2; 0 to go by beta2
 * @param epsilon added to the root in Adam's denominator
 * @param weightDecay decoupled weight decay of matrices; 0 is plain Adam
 * @param clip greatest norm of the gradient; 0 for no clipping
 * @param muonLearningRate Muon's rate where the schedule has the greatest
 * @param momentum Muon's decay of the mean gradient
 */
public record OptimizerSettings(
    String kind,
    double beta1,
    double beta2,
    double beta2HalfLife,
    double epsilon,
    double weightDecay,
    double clip,
    double muonLearningRate,
    double momentum) {

  /** Beyond that the two betas are too near to each other for an end. */
  private static final int MOST_GLIDE_STEPS = 1024;

  private static final double END_OF_GLIDE = 1.0 / (1 << 14);

  static OptimizerSettings of(ConfigLayer values) {
    return new OptimizerSettings(
        values.text(ConfigKey.OPTIMIZER),
        values.number(ConfigKey.BETA1),
        values.number(ConfigKey.BETA2),
        values.number(ConfigKey.BETA2_HALF_LIFE),
        values.number(ConfigKey.EPSILON),
        values.number(ConfigKey.WEIGHT_DECAY),
        values.number(ConfigKey.CLIP),
        values.number(ConfigKey.MUON_LR),
        values.number(ConfigKey.MOMENTUM));
  }

  /** Returns these settings with another beta2, which no half-life decides any more. */
  OptimizerSettings withBeta2(double other) {
    return new OptimizerSettings(
        kind, beta1, other, 0, epsilon, weightDecay, clip, muonLearningRate, momentum);
  }

  /**
   * Returns what is left of a row's movement, from one step that does not touch it to the next:
   * Adam moves by the mean gradient, beta1 of which is left, over the root of the mean square, of
   * which the root of beta2 is.
   */
  public double glideRatio() {
    return beta1 == 0 ? 0 : beta1 / Math.sqrt(beta2);
  }

  /**
   * Returns for how many steps more a row of a table moves: until 2^-14 of its movement is left. Of
   * no use unless {@link #glideEnds}.
   */
  public double glideSteps() {
    double ratio = glideRatio();
    return ratio <= END_OF_GLIDE
        ? 1
        : Math.ceil(StrictMath.log(END_OF_GLIDE) / StrictMath.log(ratio));
  }

  /** Whether the mean gradient is forgotten so much faster than its square that there is an end. */
  public boolean glideEnds() {
    return glideRatio() < 1 && glideSteps() <= MOST_GLIDE_STEPS;
  }

  /** Requires that rows of tables come to rest, by the beta2 that there is to be. */
  void checkGlide(OptimizerSettings resolved, Problems problems) {
    String problem =
        "is too small beside --beta1 %s: a row of a table would go on moving for more than %d steps after the one that touched it; take more, or a smaller --beta1"
            .formatted(ConfigType.format(beta1), MOST_GLIDE_STEPS);
    boolean byHalfLife = beta2HalfLife > 0;
    problems.require(
        resolved.glideEnds(),
        byHalfLife ? ConfigKey.BETA2_HALF_LIFE : ConfigKey.BETA2,
        byHalfLife ? beta2HalfLife : beta2,
        problem);
  }

  void check(Problems problems) {
    problems.requireShare(ConfigKey.BETA1, beta1, ", for example 0.9");
    problems.requireShare(ConfigKey.BETA2, beta2, ", for example 0.999");
    problems.requireFactorOrZero(ConfigKey.BETA2_HALF_LIFE, beta2HalfLife, "goes by --beta2");
    problems.require(
        epsilon >= 1e-30 && epsilon <= 1,
        ConfigKey.EPSILON,
        epsilon,
        "has to be between 1e-30 and 1, for example 1e-8");
    problems.requireFactorOrZero(ConfigKey.WEIGHT_DECAY, weightDecay, "turns it off");
    problems.requireFactorOrZero(ConfigKey.CLIP, clip, "turns it off");
    problems.requireFactor(ConfigKey.MUON_LR, muonLearningRate, "0.02");
    problems.requireShare(ConfigKey.MOMENTUM, momentum, ", for example 0.95");
  }
}
