package dev.lanewise.kernels;

/**
 * The parts of a step of Muon (Jordan et al., 2024) that go element by element; what lies between
 * them is {@link Matmul}'s. A matrix of the model may be some columns of a larger one: theta, m and
 * g then have a first column, and x and u are as wide as the matrix itself.
 */
public interface MuonUpdate {

  /**
   * Takes a gradient into its decaying mean, and looks ahead as Nesterov does.
   *
   * <p><b>Definition</b>, per element, with {@code first = (1 - momentum) * (g * gradientScale)}:
   * {@code m = fma(momentum, m, first)}; {@code u = fma(momentum, m, first)}. The difference {@code
   * 1 - momentum} is of floats.
   *
   * @param fromColumn the first column, of g and of m
   * @param u of the rows and columns that there are to be
   */
  void momentum(
      int rows, float momentum, float gradientScale, Matrix g, Matrix m, int fromColumn, Matrix u);

  /** x *= factor, n elements. */
  void scale(int n, float factor, float[] x, int offset);

  /**
   * The matrix a I + b G + c G², of the first n rows and columns of each: {@code s = fma(c, s, b *
   * g)}, and on the diagonal {@code s = fma(c, s, b * g) + a}.
   *
   * @param g G
   * @param s G², which is overwritten
   */
  void polynomial(int n, float a, float b, float c, Matrix g, Matrix s);

  /**
   * Moves weights against a direction.
   *
   * <p><b>Definition</b>, per element: {@code theta = fma(-learningRate, fma(decay, theta, scale *
   * x), theta)}.
   *
   * @param x of the rows and columns that there are
   * @param fromColumn the first column of theta
   */
  void apply(
      int rows,
      float learningRate,
      float decay,
      float scale,
      Matrix x,
      Matrix theta,
      int fromColumn);
}
