package dev.lanewise.trainer.cli.jvm;

import dev.lanewise.trainer.progress.LateLogger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C, TERM and HUP ask for a stop the first time. The second time the system ends the process
 * at once.
 *
 * <p>What follows the first within a second is taken for the same: {@link Relaunch} passes signals
 * on that a terminal, or a service manager, may have sent to both JVMs.
 */
public final class StopSignals implements AutoCloseable {

  private static final LateLogger LOG = new LateLogger(StopSignals.class);

  private static final Duration SAME_SIGNAL = Duration.ofSeconds(1);

  private record Replaced(Signal signal, SignalHandler handler) {}

  private final List<Replaced> replaced = new ArrayList<>();
  private final AtomicBoolean caught = new AtomicBoolean();
  private final Runnable action;
  private final Duration sameSignal;

  private StopSignals(Runnable action, Duration sameSignal) {
    this.action = action;
    this.sameSignal = sameSignal;
  }

  /** Catches signals until closed; the first of them runs the action, on a thread of its own. */
  public static StopSignals catching(Runnable action) {
    return catching(action, SAME_SIGNAL);
  }

  /** As {@link #catching(Runnable)}, with the time in which signals are taken for the first. */
  public static StopSignals catching(Runnable action, Duration sameSignal) {
    StopSignals signals = new StopSignals(action, sameSignal);
    for (String name : List.of("INT", "TERM", "HUP")) {
      signals.handle(name);
    }
    return signals;
  }

  /** Whether there has been a signal. */
  public boolean isCaught() {
    return caught.get();
  }

  private void handle(String name) {
    try {
      Signal signal = new Signal(name);
      replaced.add(new Replaced(signal, Signal.handle(signal, any -> onSignal())));
    } catch (IllegalArgumentException e) {
      // This system has no such signal, or the user keeps signals from the JVM (-Xrs).
      LOG.debug("{} is not caught", name, e);
    }
  }

  /** On a thread that the JVM makes for each signal. */
  private void onSignal() {
    if (!caught.compareAndSet(false, true)) {
      return;
    }
    // The action may wait for a terminal that shows nothing; the second signal must not.
    Thread.ofPlatform().daemon().name("stop").start(action);
    try {
      Thread.sleep(sameSignal);
      for (Replaced one : replaced) {
        Signal.handle(one.signal, SignalHandler.SIG_DFL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Makes signals do what they did before. Not after one has been caught: the program is ending
   * because of it, and the same signal, coming a second time, must not change its exit code.
   */
  @Override
  public void close() {
    if (!isCaught()) {
      for (Replaced one : replaced) {
        Signal.handle(one.signal, one.handler);
      }
    }
  }
}
