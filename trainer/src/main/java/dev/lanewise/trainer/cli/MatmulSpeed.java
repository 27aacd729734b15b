package dev.lanewise.trainer.cli;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** How fast one matrix product is, with as many products at a time as workers. */
final class MatmulSpeed {

  static final int SIZE = 512;

  /** So few that they take no time even where every vector operation is a call. */
  private static final int FEWEST_ROWS = 2;

  /** Products get more rows until they take so long: only compiled code gets to all rows. */
  private static final long LONG_ENOUGH_NANOS = 50_000_000;

  private static final long WARM_NANOS = 1_500_000_000;
  private static final long MEASURE_NANOS = 500_000_000;
  private static final int MEASURED = 15;

  private final WorkerPool pool;
  private final Matmul matmul;
  private final Matrix[] a;
  private final List<PackedMatrix> packed;
  private final Matrix[] c;
  private int rows = FEWEST_ROWS;

  private MatmulSpeed(Matmul matmul, WorkerPool pool) {
    this.pool = pool;
    this.matmul = matmul;
    int workers = pool.size();
    this.a = new Matrix[workers];
    this.packed = matmul.allocate(Collections.nCopies(workers, new PackedMatrix.Size(SIZE, SIZE)));
    this.c = new Matrix[workers];
    for (int w = 0; w < workers; w++) {
      float[] elements = new float[SIZE * SIZE];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = (i % 13 - 6) / 8f;
      }
      a[w] = Matrix.of(elements, 0, SIZE);
      c[w] = Matrix.of(new float[SIZE * SIZE], 0, SIZE);
      matmul.pack(SIZE, a[w], 0, packed.get(w), 0, 0, SIZE);
    }
  }

  /**
   * Returns the GFLOP/s of all workers together: the median of some rounds. Takes about two
   * seconds, whatever the JVM.
   */
  static double gigaflops(Matmul matmul, WorkerPool pool) {
    return new MatmulSpeed(matmul, pool).measure();
  }

  private double measure() {
    long start = System.nanoTime();
    do {
      if (round() < LONG_ENOUGH_NANOS) {
        rows = Math.min(SIZE, 2 * rows);
      }
    } while (System.nanoTime() - start < WARM_NANOS);
    double[] rates = new double[MEASURED];
    int measured = 0;
    start = System.nanoTime();
    do {
      rates[measured++] = 2.0 * rows * SIZE * SIZE * pool.size() / round();
    } while (measured < MEASURED && System.nanoTime() - start < MEASURE_NANOS);
    Arrays.sort(rates, 0, measured);
    return rates[measured / 2];
  }

  /** Returns the nanoseconds of as many products as workers. */
  private long round() {
    long before = System.nanoTime();
    pool.run(
        pool.size(),
        (w, worker) -> matmul.multiply(rows, SIZE, a[w], 0, packed.get(w), 0, SIZE, null, c[w], 0));
    return Math.max(1, System.nanoTime() - before);
  }
}
