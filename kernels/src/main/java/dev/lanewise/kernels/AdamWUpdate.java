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
public interface AdamWUpdate {

  /**
   * The scalars of one step, computed in double and rounded to float once. Can be set anew for each
   * step, so that a step allocates nothing.
   */
  final class Step {

    private float learningRate;
    private float beta1;
    private float oneMinusBeta1;
    private float beta2;
    private float oneMinusBeta2;
    private float epsilon;
    private float gradientScale;
    private float mCorrection;
    private float vCorrection;

    /** Makes scalars that have to be set before use. */
    public Step() {}

    /** Returns new scalars, see {@link #set}. */
    public static Step of(
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double gradientScale,
        long t) {
      Step step = new Step();
      step.set(learningRate, beta1, beta2, epsilon, gradientScale, t);
      return step;
    }

    /**
     * Sets the scalars of step t.
     *
     * @param gradientScale what clipping multiplies the gradient by, 1 for no clipping
     * @param t counts from 1
     */
    public void set(
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double gradientScale,
        long t) {
      this.learningRate = (float) learningRate;
      this.beta1 = (float) beta1;
      this.oneMinusBeta1 = (float) (1 - beta1);
      this.beta2 = (float) beta2;
      this.oneMinusBeta2 = (float) (1 - beta2);
      this.epsilon = (float) epsilon;
      this.gradientScale = (float) gradientScale;
      this.mCorrection = (float) (1 / (1 - StrictMath.pow(beta1, t)));
      this.vCorrection = (float) (1 / (1 - StrictMath.pow(beta2, t)));
    }

    /** Returns the learning rate. */
    public float learningRate() {
      return learningRate;
    }

    /** Returns the decay of the mean gradient. */
    public float beta1() {
      return beta1;
    }

    /** Returns 1 - beta1. */
    public float oneMinusBeta1() {
      return oneMinusBeta1;
    }

    /** Returns the decay of the mean squared gradient. */
    public float beta2() {
      return beta2;
    }

    /** Returns 1 - beta2. */
    public float oneMinusBeta2() {
      return oneMinusBeta2;
    }

    /** Returns what is added to the root. */
    public float epsilon() {
      return epsilon;
    }

    /** Returns what the gradient is multiplied by. */
    public float gradientScale() {
      return gradientScale;
    }

    /** Returns 1 / (1 - beta1^t). */
    public float mCorrection() {
      return mCorrection;
    }

    /** Returns 1 / (1 - beta2^t). */
    public float vCorrection() {
      return vCorrection;
    }
  }

  /**
   * Updates n elements of theta by those of the gradient g at the same place, and by those of m and
   * v, which share a layout of their own.
   *
   * @param offset where the elements begin in theta and g
   * @param stateOffset where they begin in m and v
   */
  void update(
      Step step,
      float decay,
      int n,
      int offset,
      float[] theta,
      float[] g,
      int stateOffset,
      float[] m,
      float[] v);
}
