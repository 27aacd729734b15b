package dev.lanewise.engine.cluster;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ranks that are threads of one process, each with a model of its own: to see without a launcher
 * that their number does not show in the result.
 */
public final class ThreadCluster implements Cluster {

  private static final int RUNNING = -1;
  private static final long LOOK_MILLIS = 20;

  private final int rank;
  private final int size;
  private final long timeoutNanos;
  private final AtomicInteger aborted;

  /** What is on its way from a rank to another: the number from * size + to. */
  private final List<BlockingQueue<byte[]>> channels;

  private ThreadCluster(
      int rank,
      int size,
      Duration timeout,
      AtomicInteger aborted,
      List<BlockingQueue<byte[]>> channels) {
    this.rank = rank;
    this.size = size;
    this.timeoutNanos = timeout.toNanos();
    this.aborted = aborted;
    this.channels = channels;
  }

  /**
   * Makes so many ranks, in order.
   *
   * @param timeout how long one waits for another at most
   */
  public static List<Cluster> of(int size, Duration timeout) {
    List<BlockingQueue<byte[]>> channels = new ArrayList<>();
    for (int i = 0; i < size * size; i++) {
      channels.add(new LinkedBlockingQueue<>());
    }
    AtomicInteger aborted = new AtomicInteger(RUNNING);
    List<Cluster> ranks = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      ranks.add(new ThreadCluster(rank, size, timeout, aborted, List.copyOf(channels)));
    }
    return ranks;
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
    return "rank " + other + " on a thread";
  }

  @Override
  public String library() {
    return "threads";
  }

  @Override
  public void exchange(int to, MemorySegment out, int from, MemorySegment in) {
    if (to != NOBODY) {
      channels.get(rank * size + to).add(out.toArray(ValueLayout.JAVA_BYTE));
    }
    if (from != NOBODY) {
      byte[] bytes = await(from);
      if (bytes.length != in.byteSize()) {
        throw new ClusterException(
            "%s sent %d bytes, and %s awaits %d"
                .formatted(name(from), bytes.length, name(rank), in.byteSize()));
      }
      in.copyFrom(MemorySegment.ofArray(bytes));
    }
  }

  private byte[] await(int from) {
    long begun = System.nanoTime();
    try {
      while (true) {
        byte[] bytes = channels.get(from * size + rank).poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (bytes != null) {
          return bytes;
        }
        if (aborted.get() != RUNNING) {
          throw new ClusterException("the ranks were ended");
        }
        if (System.nanoTime() - begun > timeoutNanos) {
          throw new ClusterException(name(from) + " does not answer");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException(name(rank) + " was interrupted", e);
    }
  }

  @Override
  public void abort(int exitCode) {
    aborted.set(exitCode);
  }

  @Override
  public void close() {
    // What is on its way goes with the channels.
  }
}
