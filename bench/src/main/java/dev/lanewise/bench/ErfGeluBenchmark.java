package dev.lanewise.bench;

import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** GELU by the normal distribution and its gradient, in GB/s. */
public class ErfGeluBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  @Param({"65536"})
  public int n;

  private Matrix x;
  private Matrix dy;
  private Matrix y;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    x = Matrix.of(random(1, n), 0, n);
    dy = Matrix.of(random(2, n), 0, n);
    y = Matrix.of(new float[n], 0, n);
  }

  /** y = gelu(x). */
  @Benchmark
  public void forward(Traffic traffic) {
    kernels.erfGelu().forward(0, 1, x, y);
    traffic.add(2.0 * n);
  }

  /** dx = dy gelu'(x). */
  @Benchmark
  public void backward(Traffic traffic) {
    kernels.erfGelu().backward(0, 1, x, dy, y);
    traffic.add(3.0 * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y.data()};
  }
}
