package dev.lanewise.bench;

import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Layer normalisation and its gradients, in GB/s. */
public class LayerNormBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Rows x columns. */
  @Param({"512x128", "512x384", "512x768"})
  public String shape;

  private int rows;
  private int n;
  private Matrix x;
  private Matrix gain;
  private Matrix bias;
  private Matrix y;
  private Matrix mean;
  private Matrix rstd;
  private Matrix dy;
  private Matrix dx;
  private Matrix dGain;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    x = Matrix.of(random(1, rows * n), 0, n);
    gain = Matrix.of(random(2, n), 0, n);
    bias = Matrix.of(random(3, n), 0, n);
    y = Matrix.of(new float[rows * n], 0, n);
    mean = Matrix.of(random(4, rows), 0, 1);
    rstd = Matrix.of(random(5, rows), 0, 1);
    dy = Matrix.of(random(6, rows * n), 0, n);
    dx = Matrix.of(new float[rows * n], 0, n);
    dGain = Matrix.of(new float[n], 0, n);
  }

  /** y, mean and deviation. */
  @Benchmark
  public void forward(Traffic traffic) {
    kernels.layerNorm().forward(0, rows, 1e-5f, x, gain, bias, y, mean, rstd);
    traffic.add(2.0 * rows * n);
  }

  /** dx, accumulated. */
  @Benchmark
  public void backward(Traffic traffic) {
    kernels.layerNorm().backward(0, rows, x, gain, mean, rstd, dy, dx);
    traffic.add(4.0 * rows * n);
  }

  /** dGain. */
  @Benchmark
  public void gainGradient(Traffic traffic) {
    kernels.layerNorm().gainGradient(rows, 0, n, x, mean, rstd, dy, dGain);
    traffic.add(2.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y.data(), mean.data(), rstd.data(), dx.data(), dGain.data()};
  }
}
