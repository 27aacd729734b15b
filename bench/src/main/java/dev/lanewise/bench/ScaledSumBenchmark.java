package dev.lanewise.bench;

import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A sum of two matrices, each times a number, and its gradients, in GB/s. */
public class ScaledSumBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Rows x columns. */
  @Param({"512x128", "512x384"})
  public String shape;

  private int rows;
  private int n;
  private Matrix scales;
  private Matrix x;
  private Matrix z;
  private Matrix y;
  private Matrix d;
  private Matrix dz;
  private Matrix dots;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    // A first number of 1, for the gradient in its place not to vanish.
    scales = Matrix.of(new float[] {1f, 0.5f}, 0, 2);
    x = Matrix.of(random(2, rows * n), 0, n);
    z = Matrix.of(random(3, rows * n), 0, n);
    y = Matrix.of(new float[rows * n], 0, n);
    d = Matrix.of(random(4, rows * n), 0, n);
    dz = Matrix.of(new float[rows * n], 0, n);
    dots = Matrix.of(new float[2 * rows], 0, 2);
  }

  /** y = a x + b z. */
  @Benchmark
  public void forward(Traffic traffic) {
    kernels.scaledSum().forward(0, rows, scales, x, z, y);
    traffic.add(3.0 * rows * n);
  }

  /** dx in the place of dy, dz accumulated, and the dots. */
  @Benchmark
  public void backward(Traffic traffic) {
    kernels.scaledSum().backward(0, rows, scales, x, z, d, dz, dots);
    traffic.add(6.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y.data(), d.data(), dz.data(), dots.data()};
  }
}
