package dev.lanewise.bench;

import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.kernels.Matrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Adam on the rows that a step touches, spread over a table, in GB/s. */
public class RowAdamBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Rows x columns. */
  @Param({"4096x128"})
  public String shape;

  private int rows;
  private int n;
  private AdamWUpdate.Step step;
  private Matrix w;
  private Matrix m;
  private Matrix v;
  private Matrix g;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    step = AdamWUpdate.Step.of(1e-6, 0.9, 0.999, 1e-8, 1, 10);
    w = Matrix.of(random(1, rows * n), 0, n);
    m = Matrix.of(random(2, rows * n), 0, n);
    v = Matrix.of(random(3, rows * n), 0, n);
    g = Matrix.of(random(4, rows * n), 0, n);
    for (int i = 0; i < v.data().length; i++) {
      v.data()[i] = Math.abs(v.data()[i]);
    }
  }

  /** Rows lie anywhere in a table: far from the one before. */
  private int spread(int r) {
    return (int) ((r * 2654435761L & 0xffffffffL) % rows);
  }

  /** A row moves as in steps that did not touch it. */
  @Benchmark
  public void glide(Traffic traffic) {
    // All of the moments is kept, for them not to vanish.
    for (int r = 0; r < rows; r++) {
      kernels.rowAdam().glide(1e-6f, 1f, 1f, 1e-8f, spread(r), w, m, v);
    }
    traffic.add(6.0 * rows * n);
  }

  /** One step of a row. */
  @Benchmark
  public void update(Traffic traffic) {
    for (int r = 0; r < rows; r++) {
      kernels.rowAdam().update(step, spread(r), w, m, v, r, g);
    }
    traffic.add(7.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {w.data(), m.data(), v.data()};
  }
}
