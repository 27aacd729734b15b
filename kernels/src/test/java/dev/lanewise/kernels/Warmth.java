package dev.lanewise.kernels;

import java.lang.management.ManagementFactory;
import java.util.List;

/** Repeats calls until C2 has compiled them, and measures what they allocate. */
final class Warmth {

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Rounds without allocation that end a measurement. */
  private static final int CLEAN_ROUNDS = 5;

  private static final long WARM_NANOS = 300_000_000L;

  private Warmth() {}

  /** Repeats the calls for a time in which C2 compiles what is hot. */
  static void warm(List<Call> calls, KernelSet kernels) {
    long end = System.nanoTime() + WARM_NANOS;
    do {
      round(calls, kernels);
    } while (System.nanoTime() < end);
  }

  /**
   * Bytes that a round of calls allocates once some rounds in sequence have allocated nothing:
   * zero, unless C2 boxes a vector. Interpreted vector code allocates, so early rounds do in any
   * case.
   *
   * @param patience nanoseconds after which it is what it is
   */
  static long allocatedWhenWarm(List<Call> calls, KernelSet kernels, long patience) {
    long end = System.nanoTime() + patience;
    long allocated;
    int clean = 0;
    do {
      allocated = round(calls, kernels);
      clean = allocated == 0 ? clean + 1 : 0;
    } while (clean < CLEAN_ROUNDS && System.nanoTime() < end);
    return allocated;
  }

  private static long round(List<Call> calls, KernelSet kernels) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < calls.size(); i++) {
      calls.get(i).run(kernels);
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
