package dev.lanewise.engine.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The time limits only end a test that hangs. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerPoolTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void runsEveryTaskOnce(int threads) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      for (int count : new int[] {0, 1, 2, 3, 7, 64, 1000}) {
        AtomicIntegerArray runs = new AtomicIntegerArray(Math.max(1, count));
        pool.run(count, (index, worker) -> runs.incrementAndGet(index));
        for (int i = 0; i < count; i++) {
          assertThat(runs.get(i)).as("task %d of %d", i, count).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void noTwoTasksShareAWorkerAtATime() {
    try (WorkerPool pool = new WorkerPool(4)) {
      AtomicIntegerArray busy = new AtomicIntegerArray(4);
      AtomicBoolean shared = new AtomicBoolean();
      pool.run(
          20_000,
          (index, worker) -> {
            if (busy.incrementAndGet(worker) != 1) {
              shared.set(true);
            }
            busy.decrementAndGet(worker);
          });
      assertThat(shared).isFalse();
    }
  }

  /** A lost wake-up would hang here. */
  @Test
  void manySmallRunsAllEnd() {
    try (WorkerPool pool = new WorkerPool(3)) {
      AtomicLong sum = new AtomicLong();
      WorkerPool.Task task = (index, worker) -> sum.addAndGet(index);
      for (int i = 0; i < 100_000; i++) {
        pool.run(1 + i % 4, task);
      }
      assertThat(sum.get()).isEqualTo(25_000L * (0 + 1 + 3 + 6));
    }
  }

  /** Threads that run dry between calls must come back. */
  @Test
  void callsAfterAPauseAllEnd() throws InterruptedException {
    try (WorkerPool pool = new WorkerPool(2)) {
      AtomicInteger runs = new AtomicInteger();
      for (int i = 0; i < 50; i++) {
        pool.run(2, (index, worker) -> runs.incrementAndGet());
        TimeUnit.MILLISECONDS.sleep(i % 5);
      }
      assertThat(runs.get()).isEqualTo(100);
    }
  }

  @Test
  void seesWhatTheCallerWroteAndTheCallerSeesWhatTasksWrote() {
    try (WorkerPool pool = new WorkerPool(2)) {
      int[] in = new int[2];
      int[] out = new int[2];
      for (int i = 0; i < 10_000; i++) {
        in[0] = i;
        in[1] = -i;
        pool.run(2, (index, worker) -> out[index] = in[index] + 1);
        assertThat(out[0] + out[1]).isEqualTo(2);
        assertThat(out[0]).isEqualTo(i + 1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void throwsWhatATaskThrewAndGoesOn(int threads) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      RuntimeException exception = new IllegalStateException("task 5");
      Error error = new AssertionError("task 0");
      for (int round = 0; round < 100; round++) {
        assertThatThrownBy(
                () ->
                    pool.run(
                        10,
                        (index, worker) -> {
                          if (index == 5) {
                            throw exception;
                          }
                        }))
            .isSameAs(exception);
        assertThatThrownBy(
                () ->
                    pool.run(
                        1,
                        (index, worker) -> {
                          throw error;
                        }))
            .isSameAs(error);
        AtomicInteger runs = new AtomicInteger();
        pool.run(10, (index, worker) -> runs.incrementAndGet());
        assertThat(runs.get()).isEqualTo(10);
      }
    }
  }

  @Test
  void tasksAfterAFailureAreLeftOut() {
    try (WorkerPool pool = new WorkerPool(1)) {
      AtomicInteger runs = new AtomicInteger();
      assertThatThrownBy(
              () ->
                  pool.run(
                      1000,
                      (index, worker) -> {
                        runs.incrementAndGet();
                        throw new IllegalStateException();
                      }))
          .isInstanceOf(IllegalStateException.class);
      assertThat(runs.get()).isEqualTo(1);
    }
  }

  /** Not even an exception that Java's compiler would have to be tricked to let through. */
  @Test
  void noExceptionStopsThePool() {
    try (WorkerPool pool = new WorkerPool(2)) {
      for (int i = 0; i < 10; i++) {
        assertThatThrownBy(
                () -> pool.run(4, (index, worker) -> WorkerPoolTest.<RuntimeException>sneak()))
            .hasRootCauseInstanceOf(InterruptedException.class);
      }
      AtomicInteger runs = new AtomicInteger();
      pool.run(4, (index, worker) -> runs.incrementAndGet());
      assertThat(runs.get()).isEqualTo(4);
    }
  }

  @SuppressWarnings("unchecked") // The cast is the trick: it is not checked.
  private static <T extends Throwable> void sneak() throws T {
    throw (T) new InterruptedException("sneaked");
  }

  @Test
  void anInterruptWaitsUntilTheTasksHaveEnded() {
    try (WorkerPool pool = new WorkerPool(2)) {
      AtomicInteger runs = new AtomicInteger();
      Thread.currentThread().interrupt();
      pool.run(100, (index, worker) -> runs.incrementAndGet());

      assertThat(Thread.interrupted()).isTrue();
      assertThat(runs.get()).isEqualTo(100);
    }
  }

  /** Both tasks wait for each other, so that each worker has to run one. */
  @Test
  void theCallerWorksBesideThreadsOfThePool() {
    Thread[] threads = new Thread[2];
    CountDownLatch both = new CountDownLatch(2);
    try (WorkerPool pool = new WorkerPool(2)) {
      pool.run(
          2,
          (index, worker) -> {
            threads[worker] = Thread.currentThread();
            both.countDown();
            while (both.getCount() > 0) {
              Thread.onSpinWait();
            }
          });
    }
    assertThat(threads[0]).isSameAs(Thread.currentThread());
    assertThat(threads[1].getName()).isEqualTo("lanewise-worker-1");
    assertThat(threads[1].isDaemon()).isTrue();
  }

  @Test
  void tasksCannotRunTasks() {
    try (WorkerPool pool = new WorkerPool(2)) {
      WorkerPool.Task inner = (index, worker) -> {};
      assertThatIllegalStateException()
          .isThrownBy(() -> pool.run(3, (index, worker) -> pool.run(1, inner)));
      AtomicInteger runs = new AtomicInteger();
      pool.run(3, (index, worker) -> runs.incrementAndGet());
      assertThat(runs.get()).isEqualTo(3);
    }
  }

  @Test
  void aClosedPoolSaysSo() {
    WorkerPool pool = new WorkerPool(2);
    pool.close();
    AtomicInteger runs = new AtomicInteger();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> pool.run(2, (index, worker) -> runs.incrementAndGet()))
          .isInstanceOf(RejectedExecutionException.class);
    }
    assertThat(runs.get()).isZero();
  }

  /** Helpers that come late, from calls that ended without them, take nothing from the next. */
  @Test
  void runsOfAllLengthsByTurnsRunEveryTaskOnce() {
    try (WorkerPool pool = new WorkerPool(4)) {
      int[] runs = new int[64];
      int[] most = {0};
      WorkerPool.Task task =
          (index, worker) -> {
            runs[index]++;
            if (worker >= most[0]) {
              throw new AssertionError("worker " + worker + " of " + most[0]);
            }
          };
      for (int i = 0; i < 200_000; i++) {
        int count = i % 2 == 0 ? 1 + i * 7 % runs.length : 1 + i % 3;
        Arrays.fill(runs, 0);
        most[0] = Math.min(count, pool.size());
        pool.run(count, task);
        for (int r = 0; r < runs.length; r++) {
          if (runs[r] != (r < count ? 1 : 0)) {
            throw new AssertionError("task %d of %d ran %d times".formatted(r, count, runs[r]));
          }
        }
      }
    }
  }

  @Test
  void refusesToHaveNoThreads() {
    assertThatIllegalArgumentException().isThrownBy(() -> new WorkerPool(0));
  }

  @Test
  void allocatesNothingWhenWarm() {
    var counters = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (WorkerPool pool = new WorkerPool(2)) {
      Thread[] threads = new Thread[2];
      float[] sums = new float[64];
      WorkerPool.Task task =
          (index, worker) -> {
            threads[worker] = Thread.currentThread();
            sums[index] += index;
          };
      for (int i = 0; i < 20_000; i++) {
        pool.run(sums.length, task);
      }
      long helper = threads[1].threadId();
      long least = Long.MAX_VALUE;
      // The measurement itself and a late compilation may allocate in one round, not in all.
      for (int round = 0; round < 20 && least > 0; round++) {
        long workersBefore = counters.getThreadAllocatedBytes(helper);
        long before = counters.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100; i++) {
          pool.run(sums.length, task);
        }
        long caller = counters.getCurrentThreadAllocatedBytes() - before;
        long workers = counters.getThreadAllocatedBytes(helper) - workersBefore;
        least = Math.min(least, caller + workers);
      }
      assertThat(least).as("bytes allocated by 100 runs").isZero();
    }
  }
}
