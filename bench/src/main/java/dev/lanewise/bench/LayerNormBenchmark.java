package dev.lanewise.bench;

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
  private float[] x;
  private float[] gain;
  private float[] bias;
  private float[] y;
  private float[] mean;
  private float[] rstd;
  private float[] dy;
  private float[] dx;
  private float[] dGain;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    x = random(1, rows * n);
    gain = random(2, n);
    bias = random(3, n);
    y = new float[rows * n];
    mean = random(4, rows);
    rstd = random(5, rows);
    dy = random(6, rows * n);
    dx = new float[rows * n];
    dGain = new float[n];
  }

  /** y, mean and deviation. */
  @Benchmark
  public void forward(Traffic traffic) {
    kernels.layerNorm().forward(rows, n, x, 0, gain, 0, bias, 0, y, 0, mean, 0, rstd, 0);
    traffic.add(2.0 * rows * n);
  }

  /** dx, accumulated. */
  @Benchmark
  public void backward(Traffic traffic) {
    kernels.layerNorm().backward(rows, n, x, 0, gain, 0, mean, 0, rstd, 0, dy, 0, dx, 0);
    traffic.add(4.0 * rows * n);
  }

  /** dGain. */
  @Benchmark
  public void gainGradient(Traffic traffic) {
    kernels.layerNorm().gainGradient(rows, n, n, x, 0, mean, 0, rstd, 0, dy, 0, dGain, 0);
    traffic.add(2.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y, mean, rstd, dx, dGain};
  }
}
