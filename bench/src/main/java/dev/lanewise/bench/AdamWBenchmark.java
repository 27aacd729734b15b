package dev.lanewise.bench;

import dev.lanewise.kernels.AdamWUpdate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The optimizer's update, in GB/s: four arrays read, three written. */
public class AdamWBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  @Param({"1048576"})
  public int n;

  private AdamWUpdate.Step step;
  private float[] theta;
  private float[] m;
  private float[] v;
  private float[] g;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    step = AdamWUpdate.Step.of(1e-6, 0.9, 0.999, 1e-8, 1, 10);
    theta = random(1, n);
    m = random(2, n);
    v = random(3, n);
    g = random(4, n);
    for (int i = 0; i < n; i++) {
      v[i] = Math.abs(v[i]);
    }
  }

  /** One step of AdamW. */
  @Benchmark
  public void update(Traffic traffic) {
    kernels.adamW().update(step, 0.1f, n, 0, theta, g, 0, m, v);
    traffic.add(7.0 * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {theta, m, v};
  }
}
