package dev.lanewise.bench;

import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Rotary positions of heads of 64, in place, in GB/s. */
public class RotaryBenchmark extends KernelBenchmark {

  private static final int HEAD_SIZE = 64;

  @Param({"scalar", "vector"})
  public String variant;

  /** Rows x columns. */
  @Param({"512x128", "512x576", "512x2048"})
  public String shape;

  private int rows;
  private int n;
  private Matrix cos;
  private Matrix sin;
  private Matrix x;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    // Cosines and sines, for x to stay as long as it is however often it is turned.
    float[] angles = random(1, rows * HEAD_SIZE / 2);
    cos = Matrix.of(angles.clone(), 0, HEAD_SIZE / 2);
    sin = Matrix.of(angles.clone(), 0, HEAD_SIZE / 2);
    for (int i = 0; i < angles.length; i++) {
      cos.data()[i] = (float) Math.cos(angles[i]);
      sin.data()[i] = (float) Math.sin(angles[i]);
    }
    x = Matrix.of(random(3, rows * n), 0, n);
  }

  /** All heads of all rows. */
  @Benchmark
  public void rotate(Traffic traffic) {
    kernels.rotary().rotate(0, rows, HEAD_SIZE, false, cos, sin, 0, x);
    traffic.add(2.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {x.data()};
  }
}
