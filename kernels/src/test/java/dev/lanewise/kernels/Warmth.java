package dev.lanewise.kernels;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
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
      round(calls, kernels, new long[calls.size()]);
    } while (System.nanoTime() < end);
  }

  /**
   * The calls that still allocate, with the bytes, after rounds of calls until some rounds in
   * sequence have allocated nothing: none, unless C2 boxes a vector. Interpreted vector code
   * allocates, so early rounds do in any case.
   *
   * @param patience nanoseconds after which it is what it is
   */
  static List<String> allocatingWhenWarm(List<Call> calls, KernelSet kernels, long patience) {
    long end = System.nanoTime() + patience;
    long[] bytes = new long[calls.size()];
    int clean = 0;
    do {
      clean = round(calls, kernels, bytes) == 0 ? clean + 1 : 0;
    } while (clean < CLEAN_ROUNDS && System.nanoTime() < end);
    List<String> allocating = new ArrayList<>();
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] > 0) {
        allocating.add(calls.get(i) + ": " + bytes[i]);
      }
    }
    return allocating;
  }

  private static long round(List<Call> calls, KernelSet kernels, long[] bytes) {
    long sum = 0;
    for (int i = 0; i < bytes.length; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      calls.get(i).run(kernels);
      bytes[i] = THREADS.getCurrentThreadAllocatedBytes() - before;
      sum += bytes[i];
    }
    return sum;
  }
}
