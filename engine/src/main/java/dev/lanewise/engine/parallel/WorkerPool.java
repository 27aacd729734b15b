package dev.lanewise.engine.parallel;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed number of workers on a ForkJoinPool of their own. One call runs a numbered list of tasks;
 * a worker that is free takes the next number, so which worker runs a task is chance, and no task
 * may let its result depend on it.
 *
 * <p>Calls must come from one thread at a time and not from within a task. A call allocates nothing
 * once the threads run.
 */
public final class WorkerPool implements AutoCloseable {

  private static final long KEEP_ALIVE_DAYS = 3650;

  private final ForkJoinPool pool;
  private final Worker[] workers;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();
  private volatile Throwable failure;
  private Thread caller;
  private Task task;
  private int count;

  /** A piece of work. */
  @FunctionalInterface
  public interface Task {

    /**
     * Runs task {@code index} on worker {@code worker}.
     *
     * @param worker below {@link #size}: no two tasks run on one worker at the same time, so it may
     *     select memory to work in
     */
    void run(int index, int worker);
  }

  /**
   * Makes a pool.
   *
   * @throws IllegalArgumentException if there are no threads
   */
  public WorkerPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads cannot work");
    }
    AtomicInteger number = new AtomicInteger();
    this.pool =
        new ForkJoinPool(
            threads,
            owner -> {
              var thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(owner);
              thread.setName("lanewise-worker-" + number.getAndIncrement());
              return thread;
            },
            null,
            true,
            threads,
            threads,
            1,
            null,
            KEEP_ALIVE_DAYS,
            TimeUnit.DAYS);
    this.workers = new Worker[threads];
    for (int i = 0; i < threads; i++) {
      workers[i] = new Worker(i);
    }
  }

  /** Returns the number of workers. */
  public int size() {
    return workers.length;
  }

  /**
   * Runs tasks 0..count-1 and returns when all have ended. If one throws, tasks not yet begun are
   * left out, and what it threw is thrown here.
   */
  public void run(int count, Task task) {
    if (count == 0) {
      return;
    }
    this.task = task;
    this.count = count;
    failure = null;
    caller = Thread.currentThread();
    next.set(0);
    int active = Math.min(count, workers.length);
    running.set(active);
    for (int i = 0; i < active; i++) {
      pool.execute(workers[i]);
    }
    boolean interrupted = false;
    while (running.get() > 0) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    this.task = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    rethrow(failure);
  }

  private static void rethrow(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    if (thrown != null) {
      throw new IllegalStateException("a task threw a checked exception", thrown);
    }
  }

  /** Stops the threads; tasks that run are completed. */
  @Override
  public void close() {
    pool.close();
  }

  /**
   * Takes numbers until there are none. One object per worker serves every call: it never reports
   * completion to the pool, so it can be executed again without being made anew.
   */
  private final class Worker extends ForkJoinTask<Void> {

    private static final long serialVersionUID = 1L;

    private final int index;

    Worker(int index) {
      this.index = index;
    }

    @Override
    protected boolean exec() {
      try {
        for (int i = next.getAndIncrement(); i < count && failure == null; ) {
          task.run(i, index);
          i = next.getAndIncrement();
        }
      } catch (Throwable e) {
        // All of it: what escaped would complete this object for ever, and the next run would hang.
        failure = e;
      } finally {
        if (running.decrementAndGet() == 0) {
          LockSupport.unpark(caller);
        }
      }
      return false;
    }

    @Override
    public Void getRawResult() {
      return null;
    }

    @Override
    protected void setRawResult(Void value) {
      // There is no result.
    }
  }
}
