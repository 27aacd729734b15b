package dev.lanewise.trainer.run.metrics;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.vector.FmaPeak;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Measures how many floating-point operations per second this machine's cores can do with fused
 * multiply-adds: what the speed of training is compared with.
 */
public final class PeakFlops {

  private static final int COLD_ITERATIONS = 500;
  private static final int WARM_ITERATIONS = 100_000;

  /** GFLOP/s that compiled code exceeds on any core, and interpreted code never. */
  private static final double COMPILED = 8;

  private static final long WARM_NANOS = 50_000_000;
  private static final long GIVE_UP_NANOS = 4_000_000_000L;

  private static final Map<Integer, Double> MEASURED = new ConcurrentHashMap<>();

  private PeakFlops() {}

  /**
   * Measures for a fraction of a second, most of which goes into compilation; once in a process.
   *
   * @param threads that are to compute at the same time; processors that the machine does not have
   *     are not counted
   * @return 10<sup>9</sup> floating-point operations per second of all threads together
   */
  public static double measureGigaflops(int threads) {
    int busy = Math.min(threads, Runtime.getRuntime().availableProcessors());
    return MEASURED.computeIfAbsent(busy, PeakFlops::measure);
  }

  private static double measure(int busy) {
    double best = 0;
    try (WorkerPool pool = new WorkerPool(busy)) {
      for (int variant = 0; variant < FmaPeak.VARIANTS; variant++) {
        best = Math.max(best, measure(pool, variant));
        if (best < COMPILED) {
          break;
        }
      }
    }
    return best;
  }

  private static double measure(WorkerPool pool, int variant) {
    double[] rates = new double[pool.size()];
    pool.run(rates.length, (task, worker) -> rates[task] = bestRate(variant));
    double sum = 0;
    for (double rate : rates) {
      sum += rate;
    }
    return sum;
  }

  /** The fastest moment: slower ones were interrupted, or ran code not yet compiled. */
  private static double bestRate(int variant) {
    float[] sink = {0.5f};
    double best = 0;
    long start = System.nanoTime();
    long end = start + GIVE_UP_NANOS;
    boolean warm = false;
    long before = start;
    while (before < end) {
      long flops = FmaPeak.run(variant, warm ? WARM_ITERATIONS : COLD_ITERATIONS, sink);
      long after = System.nanoTime();
      double rate = (double) flops / Math.max(1, after - before);
      if (!warm && rate > COMPILED) {
        warm = true;
        end = Math.min(end, after + WARM_NANOS);
      } else {
        best = Math.max(best, rate);
      }
      before = after;
    }
    return best;
  }
}
