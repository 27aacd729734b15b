package dev.lanewise.kernels;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Repeats calls until C2 has compiled them, and measures what they allocate. */
final class Warmth {

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Rounds that are judged together. */
  private static final int ROUNDS = 40;

  /**
   * So many of them may allocate: C2 replaces code now and then, and meanwhile the JVM interprets.
   */
  private static final int DIRTY_ROUNDS = 4;

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
   * The calls that still allocate, with the bytes, in the last of many rounds: none, unless C2
   * boxes a vector. Interpreted vector code allocates, so early rounds do in any case; the
   * measurement ends with the first {@value #ROUNDS} rounds in sequence of which nearly all are
   * clean.
   *
   * @param patience nanoseconds after which it is what it is
   */
  static List<String> allocatingWhenWarm(List<Call> calls, KernelSet kernels, long patience) {
    long end = System.nanoTime() + patience;
    long[] bytes = new long[calls.size()];
    long[] most = new long[calls.size()];
    int rounds = 0;
    int dirty = 0;
    while (rounds < ROUNDS) {
      boolean allocated = round(calls, kernels, bytes) > 0;
      rounds++;
      if (allocated) {
        dirty++;
        Arrays.setAll(most, i -> Math.max(most[i], bytes[i]));
      }
      if (dirty > DIRTY_ROUNDS) {
        if (System.nanoTime() >= end) {
          return report(calls, most);
        }
        rounds = 0;
        dirty = 0;
        Arrays.fill(most, 0);
      }
    }
    return List.of();
  }

  private static List<String> report(List<Call> calls, long[] bytes) {
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
