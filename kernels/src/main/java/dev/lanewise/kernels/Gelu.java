package dev.lanewise.kernels;

/**
 * The Gaussian error linear unit in its tanh form (Hendrycks and Gimpel, 2016).
 *
 * <p>0.5 x (1 + tanh u) with u = √(2/π) (x + 0.044715 x³) is the same function as x · σ(2u) with
 * the logistic σ, which needs one exponential and no cancellation; that is how it is computed.
 *
 * <p><b>Definition.</b> {@code q = x*x; w = x * fma(q, CUBIC, LINEAR)}, {@code s = 1 / (1 +
 * exp(-w))}, {@code y = x * s}. Backward: {@code dw = fma(q, 3 CUBIC, LINEAR)}, {@code dx = dy *
 * fma((x * s) * (1 - s), dw, s)}.
 */
public interface Gelu {

  /** 2 √(2/π). */
  float LINEAR = 1.5957692f;

  /** 2 √(2/π) · 0.044715. */
  float CUBIC = 0.071354814f;

  /** Three times {@link #CUBIC}, the derivative's coefficient. */
  float CUBIC_DERIVATIVE = 0.21406445f;

  /** y = gelu(x), in {@code rows} rows from {@code row} on; y may be x. */
  void forward(int row, int rows, Matrix x, Matrix y);

  /** dx = dy · gelu'(x); dx may be dy. */
  void backward(int row, int rows, Matrix x, Matrix dy, Matrix dx);
}
