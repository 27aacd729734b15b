package dev.lanewise.bench;

import dev.lanewise.kernels.Dropout;
import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Dropout with its random words, in GB/s. */
public class DropoutBenchmark extends KernelBenchmark {

  private static final Dropout.Mask MASK = new Dropout.Mask(0.1f, 1);

  @Param({"scalar", "vector"})
  public String variant;

  @Param({"65536"})
  public int n;

  private Matrix x;
  private Matrix y;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    x = Matrix.of(random(1, n), 0, n);
    y = Matrix.of(new float[n], 0, n);
  }

  /** y = mask(x), a tenth dropped. */
  @Benchmark
  public void apply(Traffic traffic) {
    kernels.dropout().apply(0, 1, x, y, MASK, 42L, 2, 0L);
    traffic.add(2.0 * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y.data()};
  }
}
