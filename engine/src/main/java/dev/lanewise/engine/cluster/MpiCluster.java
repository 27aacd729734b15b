package dev.lanewise.engine.cluster;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Ranks that {@code mpirun}, {@code srun} or {@code mpiexec} has started, by their MPI library.
 * Nothing here blocks inside the library: a rank asks, again and again, whether its message has
 * come. So it can give up after a time, and sleeps when a message is long in coming.
 */
public final class MpiCluster implements Cluster {

  /** Room for a machine's name; MPI_MAX_PROCESSOR_NAME of Open MPI is 256. */
  private static final int NAME = 256;

  /** So long a rank looks out for a message before it sleeps between looks. */
  private static final long LOOK_OUT_NANOS = 2_000_000;

  private static final long FIRST_NAP_NANOS = 20_000;
  private static final long LONGEST_NAP_NANOS = 1_000_000;
  private static final int LOOKS_PER_CLOCK = 16;

  private final MpiLibrary mpi;
  private final int rank;
  private final int size;
  private final long timeoutNanos;
  private final String[] machines;
  private final MemorySegment sending;
  private final MemorySegment receiving;
  private final MemorySegment flag;

  private MpiCluster(MpiLibrary mpi, Duration timeout) {
    Arena arena = Arena.ofAuto();
    this.mpi = mpi;
    this.sending = arena.allocate(ValueLayout.JAVA_LONG);
    this.receiving = arena.allocate(ValueLayout.JAVA_LONG);
    this.flag = arena.allocate(ValueLayout.JAVA_INT);
    this.rank = mpi.rank();
    this.size = mpi.size();
    this.timeoutNanos = timeout.toNanos();
    this.machines = new String[size];
  }

  /**
   * Joins the ranks. Once in the life of a process.
   *
   * @param library its file or name; empty to look for one
   * @param launched what the launcher has said
   * @param timeout how long one rank waits for another at most
   * @throws ClusterException if there is no library, or it is not the launcher's
   */
  public static Cluster join(Optional<String> library, Launched launched, Duration timeout) {
    MpiLibrary mpi = MpiLibrary.load(library, launched.isOpenMpi());
    mpi.init();
    if (mpi.size() != launched.size()) {
      throw new ClusterException(
          "%s has started %d ranks, but %s (%s) sees %d: it is not the library of this launcher; name that one with --mpi-library"
              .formatted(
                  launched.launcher(), launched.size(), mpi.file(), mpi.version(), mpi.size()));
    }
    MpiCluster cluster = new MpiCluster(mpi, timeout);
    cluster.learnNames();
    return cluster;
  }

  private void learnNames() {
    byte[] names = new byte[NAME * size];
    MemorySegment all = MemorySegment.ofArray(names);
    String own = mpi.processorName();
    all.setString((long) NAME * rank, own.substring(0, Math.min(own.length(), NAME / 4)));
    long[] bounds = new long[size + 1];
    for (int r = 0; r <= size; r++) {
      bounds[r] = (long) NAME * r;
    }
    new Collectives(this).gatherAll(all, bounds);
    for (int r = 0; r < size; r++) {
      machines[r] = all.getString((long) NAME * r);
    }
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public String name(int other) {
    return machines[other] == null ? "rank " + other : "rank " + other + " on " + machines[other];
  }

  @Override
  public String library() {
    return mpi.version();
  }

  @Override
  public void exchange(int to, MemorySegment out, int from, MemorySegment in) {
    try {
      // In this order: an answer to what has arrived would let the other rank begin, and what it
      // has to answer to this one would wait behind its bytes, so that each went only one way.
      if (to != NOBODY) {
        mpi.send(out, to, sending);
      }
      if (from != NOBODY) {
        mpi.receive(in, from, receiving);
      }
      if (to != NOBODY) {
        await(sending, to, "takes nothing from");
      }
      if (from != NOBODY) {
        await(receiving, from, "sends nothing to");
      }
    } catch (ClusterException e) {
      throw e;
    } catch (IllegalStateException e) {
      throw new ClusterException(name(rank) + ": " + e.getMessage(), e);
    }
  }

  /** Yields, because ranks may have to share a core. */
  @SuppressWarnings("ThreadPriorityCheck")
  private void await(MemorySegment request, int peer, String what) {
    long begun = System.nanoTime();
    long nap = FIRST_NAP_NANOS;
    for (int looks = 1; !mpi.isDone(request, flag); looks++) {
      if (looks % LOOKS_PER_CLOCK != 0) {
        Thread.onSpinWait();
        continue;
      }
      long waited = System.nanoTime() - begun;
      if (waited > timeoutNanos) {
        throw new ClusterException(
            "%s has hung or is gone: for %d seconds it %s %s (--rank-timeout)"
                .formatted(name(peer), timeoutNanos / 1_000_000_000, what, name(rank)));
      }
      if (waited < LOOK_OUT_NANOS) {
        Thread.yield();
      } else {
        LockSupport.parkNanos(this, nap);
        nap = Math.min(LONGEST_NAP_NANOS, nap + nap / 2);
        looks = LOOKS_PER_CLOCK - 1;
      }
    }
  }

  @Override
  public void abort(int exitCode) {
    mpi.abort(exitCode);
  }

  @Override
  public void close() {
    mpi.finish();
  }
}
