package dev.lanewise.engine.cluster;

import java.lang.foreign.MemorySegment;

/** A process that works alone: there is nobody to exchange anything with. */
enum OneProcess implements Cluster {
  INSTANCE;

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public String name(int rank) {
    return "the only process";
  }

  @Override
  public String library() {
    return "none";
  }

  @Override
  public void exchange(int to, MemorySegment out, int from, MemorySegment in) {
    if (to != NOBODY || from != NOBODY) {
      throw new IllegalArgumentException("there is no rank " + Math.max(to, from));
    }
  }

  @Override
  public void abort(int exitCode) {
    // There are no others: the caller ends by itself.
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
