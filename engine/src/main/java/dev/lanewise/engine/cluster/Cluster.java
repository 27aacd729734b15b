package dev.lanewise.engine.cluster;

import java.lang.foreign.MemorySegment;

/**
 * The processes that work together, as one of them sees them. All that they do together is made of
 * {@link #exchange}; {@link Collectives} has the rest. For one thread at a time.
 */
public interface Cluster extends AutoCloseable {

  /** For {@link #exchange}: nothing goes that way. */
  int NOBODY = -1;

  /** Returns the number of this process, from 0. */
  int rank();

  /** Returns how many there are. */
  int size();

  /** Returns a rank and where it runs, for people: "rank 3 on node7". */
  String name(int rank);

  /** Returns what moves the bytes, for people. */
  String library();

  /**
   * Sends bytes to one rank and receives bytes from another, or the same, at the same time; returns
   * when both are done. What one rank sends to another arrives in the order in which it was sent.
   *
   * @param to who gets {@code out}; {@link #NOBODY} to send nothing
   * @param out native memory; not changed meanwhile
   * @param from who sends {@code in}; {@link #NOBODY} to receive nothing
   * @param in native memory of just the size that was sent
   * @throws ClusterException if a rank is gone, does not answer in time, or sent something else
   */
  void exchange(int to, MemorySegment out, int from, MemorySegment in);

  /** Ends all ranks at once, this one too where the launcher can do that. */
  void abort(int exitCode);

  /** Says goodbye, when nothing is on its way any more. */
  @Override
  void close();

  /** Returns the cluster of a process that works alone. */
  static Cluster alone() {
    return OneProcess.INSTANCE;
  }
}
