package dev.lanewise.trainer.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C, TERM and HUP ask for a stop the first time. The second time the system ends the process
 * at once.
 */
final class StopSignals implements AutoCloseable {

  private record Replaced(Signal signal, SignalHandler handler) {}

  private final List<Replaced> replaced = new ArrayList<>();
  private final AtomicBoolean caught = new AtomicBoolean();
  private final Runnable action;

  private StopSignals(Runnable action) {
    this.action = action;
  }

  /** Catches signals until closed; the first of them runs the action, on a thread of its own. */
  static StopSignals catching(Runnable action) {
    StopSignals signals = new StopSignals(action);
    for (String name : List.of("INT", "TERM", "HUP")) {
      signals.handle(name);
    }
    return signals;
  }

  /** Whether there has been a signal. */
  boolean isCaught() {
    return caught.get();
  }

  private void handle(String name) {
    try {
      Signal signal = new Signal(name);
      replaced.add(new Replaced(signal, Signal.handle(signal, any -> onSignal())));
    } catch (IllegalArgumentException e) {
      // This system has no such signal, or the user keeps signals from the JVM (-Xrs).
      System.getLogger(StopSignals.class.getName()).log(System.Logger.Level.DEBUG, name, e);
    }
  }

  private void onSignal() {
    if (caught.compareAndSet(false, true)) {
      for (Replaced one : replaced) {
        Signal.handle(one.signal, SignalHandler.SIG_DFL);
      }
      action.run();
    }
  }

  /** Makes signals do what they did before. */
  @Override
  public void close() {
    for (Replaced one : replaced) {
      Signal.handle(one.signal, one.handler);
    }
  }
}
