package dev.lanewise.engine.parallel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Workers that go through one computation in step: each does its share of every operation, and they
 * meet where one is to read what another has written. All of them take the same way through the
 * code, so all come to the same meetings.
 *
 * <p>Members are tasks of one {@link WorkerPool#run}, which must have no more tasks than the pool
 * has workers: whoever waits at a meeting keeps its worker.
 */
public final class Team {

  /** How long to wait at full attention before others on this core may go first. */
  private static final long PATIENCE_NANOS = 50_000;

  private static final int LOOKS_PER_CLOCK = 64;

  private final WorkerPool pool;
  private final int size;
  private final long patience;
  private final AtomicInteger arrived = new AtomicInteger();
  private volatile int meetings;
  private int word;

  /** Makes a team of that many workers of a pool. */
  public Team(WorkerPool pool, int size) {
    if (size < 1 || size > pool.size()) {
      throw new IllegalArgumentException(
          "a team of %d cannot be had from %d workers".formatted(size, pool.size()));
    }
    this.pool = pool;
    this.size = size;
    // With more workers than processors, whoever waits may keep from working whom it waits for.
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

  /** Forgets a meeting that a failure broke off. Call before the members begin. */
  public void begin() {
    arrived.set(0);
  }

  /**
   * Returns once all members have called it. What they wrote before is seen by all from then on.
   *
   * @throws IllegalStateException if a task of the pool has failed, so that not all may come
   */
  public void meet() {
    if (size == 1) {
      return;
    }
    int meeting = meetings;
    if (arrived.incrementAndGet() == size) {
      // Before the others are let go: the first of them may come to the next meeting at once.
      arrived.set(0);
      meetings = meeting + 1;
    } else {
      awaitEndOf(meeting);
    }
  }

  // A hint is all that yield is here: with more threads than cores it lets the missing ones run.
  @SuppressWarnings("ThreadPriorityCheck")
  private void awaitEndOf(int meeting) {
    long begun = System.nanoTime();
    for (int looks = 1; meetings == meeting; looks++) {
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
   * Has all members act on one number, the first one's, where each might have got another.
   *
   * @param member who asks, counted from 0
   * @return the first member's number
   */
  public int agree(int member, int number) {
    if (member == 0) {
      word = number;
    }
    meet();
    int agreed = word;
    meet();
    return agreed;
  }

  /**
   * Returns where a member's share of n things begins, cut evenly in whole units; that of member
   * {@link #size} is the end of the last share.
   */
  public int share(int member, int n, int unit) {
    long units = Math.ceilDiv(n, unit);
    return (int) Math.min(n, units * member / size * unit);
  }
}
