package dev.lanewise.kernels;

/**
 * One step of Adam with decoupled weight decay (Kingma and Ba, 2015; Loshchilov and Hutter, 2019)
 * over a flat range of parameters.
 *
 * <p><b>Definition</b>, per element, with {@code g' = g * gradientScale}: {@code m = fma(beta1, m,
 * (1 - beta1) * g')}; {@code v = fma(beta2, v, ((1 - beta2) * g') * g')}; {@code u = (m *
 * mCorrection) / (sqrt(v * vCorrection) + epsilon)}; {@code theta = fma(-learningRate, fma(decay,
 * theta, u), theta)}. Decay 0 gives plain Adam.
 */
public interface AdamW {

  /**
   * The scalars of one step, rounded to float once.
   *
   * @param gradientScale what clipping multiplies the gradient by, 1 for no clipping
   * @param mCorrection 1 / (1 - beta1^t)
   * @param vCorrection 1 / (1 - beta2^t)
   */
  record Step(
      float learningRate,
      float beta1,
      float oneMinusBeta1,
      float beta2,
      float oneMinusBeta2,
      float epsilon,
      float gradientScale,
      float mCorrection,
      float vCorrection) {

    /**
     * The scalars of step t, computed in double.
     *
     * @param t counts from 1
     */
    public static Step of(
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double gradientScale,
        long t) {
      return new Step(
          (float) learningRate,
          (float) beta1,
          (float) (1 - beta1),
          (float) beta2,
          (float) (1 - beta2),
          (float) epsilon,
          (float) gradientScale,
          (float) (1 / (1 - StrictMath.pow(beta1, t))),
          (float) (1 / (1 - StrictMath.pow(beta2, t))));
    }
  }

  /**
   * Updates theta, m and v, which share one layout with the gradient g, in [offset, offset + n).
   */
  void update(
      Step step, float decay, int n, int offset, float[] theta, float[] m, float[] v, float[] g);
}
