package dev.lanewise.kernels;

/**
 * A product gated by SiLU (Shazeer, 2020): y = silu(gate) · up, where silu(x) = x σ(x) with the
 * logistic σ.
 *
 * <p><b>Definition.</b> {@code s = 1 / (1 + exp(-gate))}, {@code z = gate * s}, {@code y = z * up}.
 * Backward: {@code dUp = dy * z}, {@code dGate = (dy * up) * fma(z, 1 - s, s)}.
 */
public interface SiluGate {

  /** y from gate and up, in {@code rows} rows from {@code row} on. */
  void forward(int row, int rows, Matrix gate, Matrix up, Matrix y);

  /** Writes dGate and dUp. */
  void backward(
      int row, int rows, Matrix gate, Matrix up, Matrix dy, Matrix dGate, Matrix dUp);
}
