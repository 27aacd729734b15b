package dev.lanewise.bench;

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
  private float[] tokens;
  private float[] positions;
  private float[] y;

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
    tokens = random(1, 5000 * width);
    positions = random(2, time * width);
    y = random(3, time * width);
  }

  /** y = tokens + positions. */
  @Benchmark
  public void gather(Traffic traffic) {
    kernels.embedding().gather(time, width, ids, 0, 0, tokens, 0, positions, 0, y, 0);
    traffic.add(3.0 * time * width);
  }

  /** dTokens += dy, dPositions += dy. */
  @Benchmark
  public void scatterAdd(Traffic traffic) {
    kernels.embedding().scatterAdd(time, width, ids, 0, y, 0, tokens, 0, positions, 0);
    traffic.add(5.0 * time * width);
  }

  @Override
  Object[] outputs() {
    return new Object[] {y, tokens, positions};
  }
}
