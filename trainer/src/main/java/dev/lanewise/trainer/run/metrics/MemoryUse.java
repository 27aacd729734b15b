package dev.lanewise.trainer.run.metrics;

/**
 * How much memory the process uses; NaN where it is not known.
 *
 * @param heapBytes of the Java heap, with what the collector has yet to find
 * @param residentBytes that the process has in memory, heap and all
 */
public record MemoryUse(double heapBytes, double residentBytes) {

  /** Nothing is known. */
  public static final MemoryUse UNKNOWN = new MemoryUse(Double.NaN, Double.NaN);
}
