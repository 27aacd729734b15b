package dev.lanewise.engine.tensor;

/**
 * Where cache lines begin in a large {@code float[]}, and which strides keep them apart. HotSpot
 * puts the elements 16 bytes after the start of the object, and G1 starts an object of more than
 * half a region at a multiple of 64 bytes, so that a line begins at element 12 and every 16 after
 * it. A vector of 512 bits that does not begin there lies in two lines, and takes two accesses to
 * load.
 *
 * <p>Only speed rests on this: on another JVM, or for a small array, offsets from here are as good
 * as any.
 */
public final class CacheLine {

  /** Floats in a line of 64 bytes. */
  public static final int FLOATS = 16;

  /** The first element that begins a line. */
  private static final int FIRST = 12;

  /** Floats in a page of 4096 bytes: lines that far apart share their places in a cache. */
  private static final int ALIASING = 1024;

  private CacheLine() {}

  /** Returns the least offset not below that one at which a line begins. */
  public static long start(long offset) {
    return Math.ceilDiv(offset - FIRST, FLOATS) * FLOATS + FIRST;
  }

  /**
   * Returns a stride for rows of n floats that are read down their columns: n, or a line more where
   * a column's elements would compete for the same few places in the caches.
   */
  public static int columnStride(int n) {
    return n % ALIASING == 0 ? n + FLOATS : n;
  }
}
