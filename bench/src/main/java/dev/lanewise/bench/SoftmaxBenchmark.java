package dev.lanewise.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Softmax of rows and its gradient, in GB/s. */
public class SoftmaxBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Rows x columns. */
  @Param({"512x128", "512x127", "256x256", "64x5000"})
  public String shape;

  private int rows;
  private int n;
  private float[] x;
  private float[] y;
  private float[] dy;
  private float[] dx;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    x = random(1, rows * n);
    y = random(2, rows * n);
    dy = random(3, rows * n);
    dx = new float[rows * n];
  }

  /** y = softmax(x / 4). */
  @Benchmark
  public void forward(Traffic traffic) {
    kernels.softmax().forward(rows, n, 0.25f, x, 0, n, dx, 0, n);
    traffic.add(2.0 * rows * n);
  }

  /** dx from y and dy. */
  @Benchmark
  public void backward(Traffic traffic) {
    kernels.softmax().backward(rows, n, 0.25f, y, 0, n, dy, 0, n, dx, 0, n);
    traffic.add(3.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {dx};
  }
}
