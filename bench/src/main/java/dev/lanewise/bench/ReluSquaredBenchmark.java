package dev.lanewise.bench;

import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The square of what is above zero, and its gradient, in GB/s. */
public class ReluSquaredBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Rows x columns. */
  @Param({"512x512", "512x1536"})
  public String shape;

  private int rows;
  private int n;
  private Matrix x;
  private Matrix y;
  private Matrix dy;
  private Matrix dx;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    x = Matrix.of(random(1, rows * n), 0, n);
    y = Matrix.of(new float[rows * n], 0, n);
    dy = Matrix.of(random(2, rows * n), 0, n);
    dx = Matrix.of(new float[rows * n], 0, n);
  }

  /** y = max(x, 0)². */
  @Benchmark
  public void forward(Traffic traffic) {
    kernels.reluSquared().forward(0, rows, x, y);
    traffic.add(2.0 * rows * n);
  }

  /** dx. */
  @Benchmark
  public void backward(Traffic traffic) {
    kernels.reluSquared().backward(0, rows, x, dy, dx);
    traffic.add(3.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y.data(), dx.data()};
  }
}
