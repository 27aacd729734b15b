package dev.lanewise.bench;

import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Sums and bias gradients, in GB/s. */
public class ElementwiseBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Rows x columns. */
  @Param({"512x384"})
  public String shape;

  private int rows;
  private int n;
  private Matrix a;
  private Matrix b;
  private Matrix y;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    a = Matrix.of(random(1, rows * n), 0, n);
    b = Matrix.of(random(2, rows * n), 0, n);
    y = Matrix.of(random(3, rows * n), 0, n);
  }

  /** y = a + b. */
  @Benchmark
  public void add(Traffic traffic) {
    kernels.elementwise().add(0, rows, a, b, y);
    traffic.add(3.0 * rows * n);
  }

  /** y += a. */
  @Benchmark
  public void accumulate(Traffic traffic) {
    kernels.elementwise().accumulate(rows, a, 0, y, 0);
    traffic.add(3.0 * rows * n);
  }

  /** A row += the sum of rows. */
  @Benchmark
  public void biasGradient(Traffic traffic) {
    kernels.elementwise().biasGradient(rows, 0, n, a, y);
    traffic.add(1.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y.data()};
  }
}
