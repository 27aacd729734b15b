package dev.lanewise.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** GELU and its gradient, in GB/s. */
public class GeluBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  @Param({"65536"})
  public int n;

  private float[] x;
  private float[] dy;
  private float[] y;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    x = random(1, n);
    dy = random(2, n);
    y = new float[n];
  }

  /** y = gelu(x). */
  @Benchmark
  public void forward(Traffic traffic) {
    kernels.gelu().forward(n, x, 0, y, 0);
    traffic.add(2.0 * n);
  }

  /** dx = dy gelu'(x). */
  @Benchmark
  public void backward(Traffic traffic) {
    kernels.gelu().backward(n, x, 0, dy, 0, y, 0);
    traffic.add(3.0 * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y};
  }
}
