package dev.lanewise.bench;

import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Embedding look-up and its gradient, in GB/s. */
public class EmbeddingBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Positions x width. */
  @Param({"128x128", "256x384", "1024x768"})
  public String shape;

  private int time;
  private int width;
  private int[] ids;
  private Matrix table;
  private Matrix y;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    time = sizes[0];
    width = sizes[1];
    ids = new int[time];
    for (int t = 0; t < time; t++) {
      ids[t] = t * 577 % 5000;
    }
    table = Matrix.of(random(1, 5000 * width), 0, width);
    y = Matrix.of(random(3, time * width), 0, width);
  }

  /** y = table. */
  @Benchmark
  public void gather(Traffic traffic) {
    kernels.embedding().gather(0, time, ids, table, y);
    traffic.add(2.0 * time * width);
  }

  /** dTable += dy. */
  @Benchmark
  public void scatterAdd(Traffic traffic) {
    kernels.embedding().scatterAdd(0, time, ids, y, table);
    traffic.add(3.0 * time * width);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y.data(), table.data()};
  }
}
