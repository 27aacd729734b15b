package dev.lanewise.engine.parallel;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Workers that go through one computation in step: each does its part of every operation, and there
 * is a barrier where one reads what another has written. All of them take the same way through the
 * code, so all come to the same barriers.
 *
 * <p>Members are tasks of one {@link WorkerPool#run}, which must have no more tasks than the pool
 * has workers: a member that waits at a barrier keeps its worker.
 */
public final class Team {

  /** How long to wait at full attention before others on this core may go first. */
  private static final long PATIENCE_NANOS = 50_000;

  private static final int LOOKS_PER_CLOCK = 64;

  private final WorkerPool pool;
  private final int size;
  private final long patience;
  private final AtomicInteger arrived = new AtomicInteger();
  private volatile int barriers;
  private int broadcast;

  /** Makes a team of that many workers of a pool. */
  public Team(WorkerPool pool, int size) {
    if (size < 1 || size > pool.size()) {
      throw new IllegalArgumentException(
          "%d workers are too few for a team of %d".formatted(pool.size(), size));
    }
    this.pool = pool;
    this.size = size;
    // With more workers than processors, one that waits may keep from working the one it waits for.
    boolean crowded = pool.size() > Runtime.getRuntime().availableProcessors();
    this.patience = crowded ? 0 : PATIENCE_NANOS;
  }

  private Team() {
    this.pool = null;
    this.size = 1;
    this.patience = 0;
  }

  /** Makes a team of one, which never waits. */
  public static Team alone() {
    return new Team();
  }

  /** Returns the number of members. */
  public int size() {
    return size;
  }

  /** Returns a member. */
  public TeamMember member(int index) {
    return new TeamMember(this, Objects.checkIndex(index, size));
  }

  /** Forgets a barrier that a failure broke off. Call before the members begin. */
  public void begin() {
    arrived.set(0);
  }

  /**
   * Returns once all members have called it. What they wrote before is seen by all from then on.
   *
   * @throws IllegalStateException if a task of the pool has failed, so that not all may come
   */
  public void barrier() {
    if (size == 1) {
      return;
    }
    int barrier = barriers;
    if (arrived.incrementAndGet() == size) {
      // Before the others go on: the first of them may come to the next barrier at once.
      arrived.set(0);
      barriers = barrier + 1;
    } else {
      awaitEndOf(barrier);
    }
  }

  // A hint is all that yield is here: with more threads than cores it lets the missing ones run.
  @SuppressWarnings("ThreadPriorityCheck")
  private void awaitEndOf(int barrier) {
    long begun = System.nanoTime();
    for (int looks = 1; barriers == barrier; looks++) {
      if (looks % LOOKS_PER_CLOCK != 0) {
        Thread.onSpinWait();
        continue;
      }
      if (pool.hasFailed()) {
        throw new IllegalStateException("another worker of the team has failed");
      }
      if (System.nanoTime() - begun > patience) {
        Thread.yield();
      }
    }
  }

  /**
   * Gives all members one number, where each might compute another.
   *
   * @param member who asks, counted from 0
   * @param number counts for member 0 only
   * @return the number of member 0
   */
  public int broadcast(int member, int number) {
    if (member == 0) {
      broadcast = number;
    }
    barrier();
    int received = broadcast;
    barrier();
    return received;
  }

  /**
   * Returns where a member's partition of n things begins, cut evenly in whole units; that of member
   * {@link #size} is the end of the last partition.
   */
  public int partition(int member, int n, int unit) {
    long units = Math.ceilDiv(n, unit);
    return (int) Math.min(n, units * member / size * unit);
  }
}
