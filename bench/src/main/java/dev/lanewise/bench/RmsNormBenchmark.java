package dev.lanewise.bench;

import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Root mean square normalisation and its gradients, in GB/s. */
public class RmsNormBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Rows x columns. */
  @Param({"512x128", "512x576", "512x896"})
  public String shape;

  private int rows;
  private int n;
  private Matrix x;
  private Matrix gain;
  private Matrix y;
  private Matrix rms;
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
    y = Matrix.of(new float[rows * n], 0, n);
    rms = Matrix.of(random(3, rows), 0, 1);
    dy = Matrix.of(random(4, rows * n), 0, n);
    dx = Matrix.of(new float[rows * n], 0, n);
    dGain = Matrix.of(new float[n], 0, n);
  }

  /** y, and the reciprocal root mean squares. */
  @Benchmark
  public void forward(Traffic traffic) {
    kernels.rmsNorm().forward(0, rows, 1e-5f, x, gain, y, rms);
    traffic.add(2.0 * rows * n);
  }

  /** dx, accumulated. */
  @Benchmark
  public void backward(Traffic traffic) {
    kernels.rmsNorm().backward(0, rows, x, gain, rms, dy, dx);
    traffic.add(4.0 * rows * n);
  }

  /** dGain. */
  @Benchmark
  public void gainGradient(Traffic traffic) {
    kernels.rmsNorm().gainGradient(rows, 0, n, x, rms, dy, dGain);
    traffic.add(2.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y.data(), rms.data(), dx.data(), dGain.data()};
  }
}
