package dev.lanewise.trainer.cli.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** Signals to this JVM, with a clock of our own. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no HUP")
class InterruptSignalsTest {

  private static final long PATIENCE = 20;

  private final AtomicLong nanos = new AtomicLong();
  private final Semaphore handled = new Semaphore(0);
  private SignalHandler originalInterrupt;
  private SignalHandler originalTerminate;
  private InterruptSignals signals;

  @BeforeEach
  void catchSignals() throws IOException {
    assumeFalse(ChildJvm.ignoreInterrupt(), "INT is ignored here");
    originalInterrupt = Signal.handle(new Signal("INT"), any -> {});
    originalTerminate = Signal.handle(new Signal("TERM"), any -> {});
    signals = InterruptSignals.catching(nanos::get);
    count("INT");
    count("TERM");
  }

  /** The JVM delivers a signal some time after it was raised. */
  private void count(String name) {
    Signal signal = new Signal(name);
    SignalHandler caught = Signal.handle(signal, any -> {});
    Signal.handle(
        signal,
        any -> {
          caught.handle(any);
          handled.release();
        });
  }

  @AfterEach
  void leaveSignalsAsTheyWere() {
    if (signals == null) {
      return;
    }
    signals.close();
    Signal.handle(new Signal("INT"), originalInterrupt);
    Signal.handle(new Signal("TERM"), originalTerminate);
  }

  private void raise(String name) throws InterruptedException {
    Signal.raise(new Signal(name));
    assertThat(handled.tryAcquire(PATIENCE, TimeUnit.SECONDS)).isTrue();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void ctrlCEndsTheWorkAndTheNextBeginsAfresh() throws Exception {
    signals.begin();
    assertThat(signals.isCaught()).isFalse();
    raise("INT");
    assertThat(signals.isCaught()).isTrue();
    signals.end();
    signals.begin();
    assertThat(signals.isCaught()).isFalse();
    assertThat(signals.isEnding()).isFalse();
  }

  /** As the JVM that relaunched this one sends it. */
  @Test
  void termJustAfterCtrlCIsTheSame() throws Exception {
    signals.begin();
    raise("INT");
    signals.end();
    pass(Duration.ofMillis(300));
    raise("TERM");
    assertThat(signals.isEnding()).isFalse();
    signals.begin();
    pass(Duration.ofSeconds(2));
    raise("TERM");
    assertThat(signals.isEnding()).isTrue();
    assertThat(signals.isCaught()).isTrue();
  }

  @Test
  void atRestASignalDoesWhatItIsTold() throws Exception {
    Semaphore told = new Semaphore(0);
    signals.atRest(told::release);
    raise("INT");
    assertThat(told.tryAcquire()).isTrue();
    assertThat(signals.isEnding()).isFalse();
    pass(Duration.ofSeconds(2));
    raise("TERM");
    assertThat(told.tryAcquire()).isTrue();
    assertThat(signals.isEnding()).isTrue();
  }
}
