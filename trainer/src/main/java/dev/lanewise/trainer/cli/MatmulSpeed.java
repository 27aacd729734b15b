package dev.lanewise.trainer.cli;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.Matmul;
import java.util.Arrays;

/** How fast one matrix product is, with each worker on a product of its own. */
final class MatmulSpeed {

  static final int SIZE = 512;

  private static final long WARM_NANOS = 1_500_000_000;
  private static final int MEASURED = 15;

  private MatmulSpeed() {}

  /** Returns the GFLOP/s of all workers together: the median of some rounds. */
  static double gigaflops(Matmul matmul, WorkerPool pool) {
    int workers = pool.size();
    float[][] a = new float[workers][SIZE * SIZE];
    float[][] packed = new float[workers][matmul.packedSize(SIZE, SIZE)];
    float[][] c = new float[workers][SIZE * SIZE];
    for (int w = 0; w < workers; w++) {
      for (int i = 0; i < a[w].length; i++) {
        a[w][i] = (i % 13 - 6) / 8f;
      }
      matmul.pack(SIZE, SIZE, a[w], 0, SIZE, packed[w], 0);
    }
    WorkerPool.Task product =
        (w, worker) ->
            matmul.multiply(
                SIZE, SIZE, SIZE, a[w], 0, SIZE, packed[w], 0, null, 0, 0, c[w], 0, SIZE);
    long start = System.nanoTime();
    do {
      pool.run(workers, product);
    } while (System.nanoTime() - start < WARM_NANOS);
    double[] rates = new double[MEASURED];
    for (int i = 0; i < MEASURED; i++) {
      long before = System.nanoTime();
      pool.run(workers, product);
      double flops = 2.0 * SIZE * SIZE * SIZE * workers;
      rates[i] = flops / (System.nanoTime() - before);
    }
    Arrays.sort(rates);
    return rates[MEASURED / 2];
  }
}
