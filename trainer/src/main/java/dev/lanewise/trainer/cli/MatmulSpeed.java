package dev.lanewise.trainer.cli;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.Matmul;
import java.util.Arrays;

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
  private final float[][] a;
  private final float[][] packed;
  private final float[][] c;
  private int rows = FEWEST_ROWS;

  private MatmulSpeed(Matmul matmul, WorkerPool pool) {
    this.pool = pool;
    this.matmul = matmul;
    int workers = pool.size();
    this.a = new float[workers][SIZE * SIZE];
    this.packed = new float[workers][matmul.packedSize(SIZE, SIZE)];
    this.c = new float[workers][SIZE * SIZE];
    for (int w = 0; w < workers; w++) {
      for (int i = 0; i < a[w].length; i++) {
        a[w][i] = (i % 13 - 6) / 8f;
      }
      matmul.pack(SIZE, SIZE, a[w], 0, SIZE, packed[w], 0);
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
        (w, worker) ->
            matmul.multiply(
                rows, SIZE, SIZE, a[w], 0, SIZE, packed[w], 0, null, 0, 0, c[w], 0, SIZE));
    return Math.max(1, System.nanoTime() - before);
  }
}
