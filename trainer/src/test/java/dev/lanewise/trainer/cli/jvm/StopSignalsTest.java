package dev.lanewise.trainer.cli.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** Signals to this JVM. What ends a process is in the tests that start one. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no HUP")
class StopSignalsTest {

  private static final Signal TERM = new Signal("TERM");
  private static final long PATIENCE = 20;

  /** Longer than any test takes. */
  private static final Duration ALL_ARE_THE_SAME = Duration.ofHours(1);

  private final Map<Signal, SignalHandler> original = new LinkedHashMap<>();
  private final Semaphore reachedUs = new Semaphore(0);
  private final SignalHandler ours = any -> reachedUs.release();

  @BeforeEach
  void handleSignals() {
    for (String name : new String[] {"INT", "TERM", "HUP"}) {
      Signal signal = new Signal(name);
      original.put(signal, Signal.handle(signal, ours));
    }
  }

  @AfterEach
  void leaveSignalsAsTheyWere() {
    original.forEach(Signal::handle);
  }

  @Test
  void theFirstActsAndThoseThatFollowAtOnceAreTheSame() throws Exception {
    CountDownLatch acted = new CountDownLatch(1);
    AtomicInteger times = new AtomicInteger();
    Semaphore arrived = new Semaphore(0);
    Semaphore returned = new Semaphore(0);
    SignalHandler counting;
    try (StopSignals signals =
        StopSignals.catching(
            () -> {
              times.incrementAndGet();
              acted.countDown();
            },
            ALL_ARE_THE_SAME)) {
      SignalHandler caught = Signal.handle(TERM, ours);
      counting =
          signal -> {
            arrived.release();
            caught.handle(signal);
            returned.release();
          };
      Signal.handle(TERM, counting);
      assertThat(signals.isCaught()).isFalse();
      for (int i = 0; i < 3; i++) {
        Signal.raise(TERM);
      }
      // The JVM looks for a signal's handler when it delivers the signal, some time after it was
      // raised: one that came after this test would end the JVM.
      assertThat(arrived.tryAcquire(3, PATIENCE, TimeUnit.SECONDS)).isTrue();
      // The first one's handler waits.
      assertThat(returned.tryAcquire(2, PATIENCE, TimeUnit.SECONDS)).isTrue();
      assertThat(acted.await(PATIENCE, TimeUnit.SECONDS)).isTrue();
      assertThat(signals.isCaught()).isTrue();
    }
    // Signals stay caught when what was asked to stop has stopped: the exit code is its own.
    assertThat(Signal.handle(TERM, ours)).isSameAs(counting);
    assertThat(times).hasValue(1);
  }

  @Test
  void closedWithoutASignalItLeavesSignalsAsTheyWere() throws Exception {
    AtomicInteger times = new AtomicInteger();
    StopSignals.catching(times::incrementAndGet, ALL_ARE_THE_SAME).close();

    Signal.raise(TERM);

    assertThat(reachedUs.tryAcquire(PATIENCE, TimeUnit.SECONDS)).isTrue();
    assertThat(times).hasValue(0);
  }
}
