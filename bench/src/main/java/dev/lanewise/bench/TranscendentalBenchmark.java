package dev.lanewise.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** exp, tanh and log, in GB/s; four bytes read and four written per element. */
public class TranscendentalBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  @Param({"65536"})
  public int n;

  private float[] x;
  private float[] magnitudes;
  private float[] y;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    x = random(1, n);
    magnitudes = new float[n];
    for (int i = 0; i < n; i++) {
      magnitudes[i] = Math.abs(x[i]);
    }
    y = new float[n];
  }

  /** y = exp x. */
  @Benchmark
  public void exp(Traffic traffic) {
    kernels.transcendental().exp(n, x, 0, y, 0);
    traffic.add(2.0 * n);
  }

  /** y = tanh x. */
  @Benchmark
  public void tanh(Traffic traffic) {
    kernels.transcendental().tanh(n, x, 0, y, 0);
    traffic.add(2.0 * n);
  }

  /** y = log x; of |x| for log. */
  @Benchmark
  public void log(Traffic traffic) {
    kernels.transcendental().log(n, magnitudes, 0, y, 0);
    traffic.add(2.0 * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y};
  }
}
