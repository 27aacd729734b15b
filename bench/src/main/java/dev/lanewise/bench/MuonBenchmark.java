package dev.lanewise.bench;

import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Muon's elementwise parts, in GB/s. */
public class MuonBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  @Param({"768"})
  public int n;

  private Matrix g;
  private Matrix m;
  private Matrix u;
  private Matrix theta;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    g = Matrix.of(random(1, n * n), 0, n);
    m = Matrix.of(random(2, n * n), 0, n);
    u = Matrix.of(random(3, n * n), 0, n);
    theta = Matrix.of(random(4, n * n), 0, n);
  }

  /** A gradient into its mean: two arrays read, two written. */
  @Benchmark
  public void momentum(Traffic traffic) {
    kernels.muon().momentum(n, 0.95f, 1f, g, m, 0, u);
    traffic.add(4.0 * n * n);
  }

  /** A direction onto the weights: two arrays read, one written. */
  @Benchmark
  public void apply(Traffic traffic) {
    kernels.muon().apply(n, 1e-6f, 0.1f, 1f, u, theta, 0);
    traffic.add(3.0 * n * n);
  }

  /** The polynomial of a Newton-Schulz step: two arrays read, one written. */
  @Benchmark
  public void polynomial(Traffic traffic) {
    kernels.muon().polynomial(n, 0.1f, 0.1f, 0.1f, g, theta);
    traffic.add(3.0 * n * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {m.data(), u.data(), theta.data()};
  }
}
