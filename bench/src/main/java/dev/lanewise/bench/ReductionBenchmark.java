package dev.lanewise.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The sum of squares behind the gradient's norm, in GB/s. */
public class ReductionBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  @Param({"1048576"})
  public int n;

  private float[] x;
  private float[] y;
  private double sum;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    x = random(1, n);
    y = random(2, n);
  }

  /** Σ x². */
  @Benchmark
  public void sumOfSquares(Traffic traffic) {
    sum = kernels.reduction().sumOfSquares(n, x, 0);
    traffic.add(n);
  }

  /** y += x. */
  @Benchmark
  public void add(Traffic traffic) {
    kernels.reduction().add(n, x, 0, y, 0);
    traffic.add(3.0 * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {sum, y};
  }
}
