package dev.lanewise.bench;

import dev.lanewise.kernels.Dropout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Dropout with its random words, in GB/s. */
public class DropoutBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  @Param({"65536"})
  public int n;

  private float[] x;
  private float[] y;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    x = random(1, n);
    y = new float[n];
  }

  /** y = mask(x), a tenth dropped. */
  @Benchmark
  public void apply(Traffic traffic) {
    int threshold = Dropout.threshold(0.1f);
    kernels.dropout().apply(n, x, 0, y, 0, threshold, 1 / 0.9f, 42L, 1, 2, 0L);
    traffic.add(2.0 * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y};
  }
}
