package dev.lanewise.kernels.vector;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether a vector kernel is still to be compiled. Until C2 has done that vectors are objects, and
 * what reads all weights of a large model takes seconds; plain loops are fast at once. So they do
 * the work, and the vector kernel a small part of it, which is what gets it compiled. As soon as it
 * is the faster one it does all.
 *
 * <p>Both have the same bits: only speed rests on what is remembered here. It is kept in static
 * fields, because code is compiled for a process and not for an object.
 */
final class Cold {

  private final AtomicBoolean compiled = new AtomicBoolean();

  /** Whether plain loops are to do most of the work. */
  boolean isCold() {
    return !compiled.get();
  }

  /**
   * Compares what the vector kernel did with what plain loops did.
   *
   * @param vectorNumbers how many weights that were in {@code vectorNanos}
   */
  void compare(long vectorNanos, long vectorNumbers, long plainNanos, long plainNumbers) {
    if (vectorNanos * plainNumbers < plainNanos * vectorNumbers) {
      compiled.set(true);
    }
  }
}
