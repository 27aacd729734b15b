package dev.lanewise.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Sums, products and bias gradients, in GB/s. */
public class ElementwiseBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Rows x columns. */
  @Param({"512x384"})
  public String shape;

  private int rows;
  private int n;
  private float[] a;
  private float[] b;
  private float[] y;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    a = random(1, rows * n);
    b = random(2, rows * n);
    y = random(3, rows * n);
  }

  /** y = a + b. */
  @Benchmark
  public void add(Traffic traffic) {
    kernels.elementwise().add(rows * n, a, 0, b, 0, y, 0);
    traffic.add(3.0 * rows * n);
  }

  /** y = 0.3 a. */
  @Benchmark
  public void scale(Traffic traffic) {
    kernels.elementwise().scale(rows * n, 0.3f, a, 0, y, 0);
    traffic.add(2.0 * rows * n);
  }

  /** y = a + a row. */
  @Benchmark
  public void addBias(Traffic traffic) {
    kernels.elementwise().addBias(rows, n, a, 0, b, 0, y, 0);
    traffic.add(2.0 * rows * n);
  }

  /** A row += the sum of rows. */
  @Benchmark
  public void biasGradient(Traffic traffic) {
    kernels.elementwise().biasGradient(rows, n, a, 0, n, y, 0);
    traffic.add(1.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y};
  }
}
