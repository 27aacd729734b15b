package dev.lanewise.bench;

import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** SiLU of one half, times the other, and its gradients, in GB/s. */
public class SiluGateBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Rows x columns. */
  @Param({"128x352", "512x1536", "512x4864"})
  public String shape;

  private int rows;
  private int n;
  private Matrix gate;
  private Matrix up;
  private Matrix y;
  private Matrix dy;
  private Matrix dGate;
  private Matrix dUp;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    gate = Matrix.of(random(1, rows * n), 0, n);
    up = Matrix.of(random(2, rows * n), 0, n);
    y = Matrix.of(new float[rows * n], 0, n);
    dy = Matrix.of(random(3, rows * n), 0, n);
    dGate = Matrix.of(new float[rows * n], 0, n);
    dUp = Matrix.of(new float[rows * n], 0, n);
  }

  /** y = silu(gate) up. */
  @Benchmark
  public void forward(Traffic traffic) {
    kernels.siluGate().forward(0, rows, gate, up, y);
    traffic.add(3.0 * rows * n);
  }

  /** dGate and dUp. */
  @Benchmark
  public void backward(Traffic traffic) {
    kernels.siluGate().backward(0, rows, gate, up, dy, dGate, dUp);
    traffic.add(5.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y.data(), dGate.data(), dUp.data()};
  }
}
