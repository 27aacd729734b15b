package dev.lanewise.engine.parallel;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinPool.ForkJoinWorkerThreadFactory;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed number of workers: the calling thread, and helpers, each on a ForkJoinPool of its own. (A
 * pool of several threads promises that all tasks run, but not that they run at the same time, as a
 * {@link Team} has to.) One call runs a numbered list of tasks; a worker that is free takes the
 * next number, so which worker runs a task is chance, and no task may let its result depend on it.
 *
 * <p>Calls must come from one thread at a time and not from within a task. A call allocates nothing
 * once the threads run. To wake a thread takes as long as a small matrix product: hence the caller
 * works too, the caller does not wait for a helper that did not begin, and a worker without a task
 * looks out for one a little while before it sleeps.
 */
public final class WorkerPool implements AutoCloseable {

  private static final long KEEP_ALIVE_DAYS = 3650;

  /** How long to look out for work: about as long as waking up takes. */
  private static final long LOOK_OUT_NANOS = 50_000;

  private static final int LOOKS_PER_CLOCK = 64;

  private final Helper[] helpers;

  /**
   * The next number to take, below the number of the call: a helper that comes late from an ended
   * call cannot take a number of the next one by mistake.
   */
  private final AtomicLong ticket = new AtomicLong();

  private final AtomicInteger pending = new AtomicInteger();

  /** The number of the call, and below it how many tasks it has. */
  private volatile long end;

  private volatile Throwable failure;
  private Thread caller;
  private Task task;
  private int calls;

  /** A piece of work. */
  @FunctionalInterface
  public interface Task {

    /**
     * Runs task {@code index} on worker {@code worker}.
     *
     * @param worker below {@link #size} and the number of tasks: no two tasks run on one worker at
     *     the same time, so it may select memory to work in
     */
    void run(int index, int worker);
  }

  /**
   * Makes a pool.
   *
   * @throws IllegalArgumentException if there are no threads
   */
  public WorkerPool(int threads) {
    this(threads, ForkJoinPool.defaultForkJoinWorkerThreadFactory);
  }

  /** As the public one, with threads of that factory, which need not always have one. */
  WorkerPool(int threads, ForkJoinWorkerThreadFactory factory) {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads cannot work");
    }
    this.helpers = new Helper[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Helper(i + 1, factory);
    }
  }

  /** Returns the number of workers. */
  public int size() {
    return helpers.length + 1;
  }

  /**
   * Runs tasks 0..count-1 and returns when all have ended. If one throws, tasks not yet begun are
   * left out, and what it threw is thrown here.
   */
  public void run(int count, Task task) {
    if (count == 0) {
      return;
    }
    if (this.task != null) {
      throw new IllegalStateException("the pool is running tasks already");
    }
    this.task = task;
    failure = null;
    caller = Thread.currentThread();
    pending.set(count);
    long call = (long) ++calls << Integer.SIZE;
    // The end before the tickets: between the two they are of different calls, so no worker takes any.
    end = call | count;
    ticket.set(call);
    try {
      for (int i = 0; i < Math.min(count - 1, helpers.length); i++) {
        helpers[i].call();
      }
    } catch (Throwable e) {
      // A thread could not be started: those that run have to end all the same.
      fail(e);
    }
    work(0);
    awaitEnd();
    this.task = null;
    rethrow(failure);
  }

  private void work(int worker) {
    for (int index = take(worker); index >= 0; index = take(worker)) {
      try {
        if (failure == null) {
          task.run(index, worker);
        }
      } catch (Throwable e) {
        // All of it: what escaped would complete the helper for ever, and the next call would hang.
        fail(e);
      }
      // Read before the last task is counted: from then on, run may have returned and begun again.
      Thread waiting = caller;
      if (pending.decrementAndGet() == 0 && worker > 0) {
        LockSupport.unpark(waiting);
      }
    }
  }

  /** The first failure counts: others may be its consequence. */
  private synchronized void fail(Throwable e) {
    if (failure == null) {
      failure = e;
    }
  }

  /** Returns whether a task of the current call has failed. */
  boolean hasFailed() {
    return failure != null;
  }

  /** Takes a number, or returns -1 if there is none, or none for this worker. */
  private int take(int worker) {
    while (true) {
      long mine = ticket.get();
      long last = end;
      int count = (int) last;
      boolean sameCall = mine >>> Integer.SIZE == last >>> Integer.SIZE;
      if (!sameCall || (int) mine >= count || worker >= count) {
        return -1;
      }
      if (ticket.compareAndSet(mine, mine + 1)) {
        return (int) mine;
      }
    }
  }

  private void awaitEnd() {
    long begun = System.nanoTime();
    boolean interrupted = false;
    for (int looks = 0; pending.get() > 0; looks++) {
      if (looks % LOOKS_PER_CLOCK != 0 || System.nanoTime() - begun < LOOK_OUT_NANOS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
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
    for (Helper helper : helpers) {
      helper.pool.close();
    }
  }

  /**
   * A worker beside the caller. One object serves every call: it never reports completion to the
   * pool, so it can be executed again without being made anew.
   */
  private final class Helper extends ForkJoinTask<Void> {

    private static final long serialVersionUID = 1L;

    private static final int ASLEEP = 0;
    private static final int AWAKE = 1;
    private static final int CALLED = 2;

    private final int index;
    private final transient ForkJoinWorkerThreadFactory factory;
    private final AtomicInteger state = new AtomicInteger(ASLEEP);
    private transient ForkJoinPool pool;

    Helper(int index, ForkJoinWorkerThreadFactory factory) {
      this.index = index;
      this.factory = factory;
      this.pool = newPool();
    }

    /** Starts its thread when it is first needed. */
    private ForkJoinPool newPool() {
      return new ForkJoinPool(
          1,
          owner -> {
            var thread = factory.newThread(owner);
            thread.setName("lanewise-worker-" + index);
            return thread;
          },
          null,
          true,
          1,
          1,
          1,
          null,
          KEEP_ALIVE_DAYS,
          TimeUnit.DAYS);
    }

    /** Has it look for tickets, be it asleep or awake. */
    void call() {
      if (state.getAndSet(CALLED) != ASLEEP) {
        return;
      }
      try {
        pool.execute(this);
      } catch (Throwable e) {
        state.set(ASLEEP);
        if (!pool.isShutdown()) {
          // It has a task and no thread, and would not try again to get one for the next task.
          pool = newPool();
        }
        throw e;
      }
    }

    @Override
    protected boolean exec() {
      do {
        // Before it looks: a call that comes later sets the state again, and none is lost.
        state.set(AWAKE);
        work(index);
        lookOut();
      } while (!state.compareAndSet(AWAKE, ASLEEP));
      return false;
    }

    private void lookOut() {
      long begun = System.nanoTime();
      for (int looks = 1; state.get() == AWAKE; looks++) {
        if (looks % LOOKS_PER_CLOCK == 0 && System.nanoTime() - begun > LOOK_OUT_NANOS) {
          return;
        }
        Thread.onSpinWait();
      }
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
