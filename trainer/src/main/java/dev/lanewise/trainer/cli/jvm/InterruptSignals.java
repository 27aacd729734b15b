package dev.lanewise.trainer.cli.jvm;

import dev.lanewise.trainer.progress.LateLogger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C ends a piece of work and not the program, for a program that waits for its user between
 * such pieces. TERM and HUP end both. While nothing is being worked on a signal does what it is
 * told to, or what the system has it do.
 *
 * <p>What follows a signal within a second is taken for the same, as in {@link StopSignals}: after
 * Ctrl-C, {@link Relaunch} sends TERM.
 */
public final class InterruptSignals implements AutoCloseable {

  private static final LateLogger LOG = new LateLogger(InterruptSignals.class);

  private static final long SAME_SIGNAL = Duration.ofSeconds(1).toNanos();
  private static final String INTERRUPT = "INT";

  private record Replaced(Signal signal, SignalHandler handler) {}

  private final List<Replaced> replaced = new ArrayList<>();
  private final LongSupplier nanoTime;
  private Runnable atRest;
  private boolean isHeard;
  private long heard;
  private boolean working;
  private boolean caught;
  private boolean ending;

  private InterruptSignals(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Catches signals until closed. */
  public static InterruptSignals catching() {
    return catching(System::nanoTime);
  }

  /** As {@link #catching()}, with the clock that tells signals apart. */
  public static InterruptSignals catching(LongSupplier nanoTime) {
    InterruptSignals signals = new InterruptSignals(nanoTime);
    for (String name : List.of(INTERRUPT, "TERM", "HUP")) {
      signals.handle(name);
    }
    return signals;
  }

  private void handle(String name) {
    try {
      Signal signal = new Signal(name);
      replaced.add(new Replaced(signal, Signal.handle(signal, this::onSignal)));
    } catch (IllegalArgumentException e) {
      // This system has no such signal, or the user keeps signals from the JVM (-Xrs).
      LOG.debug("{} is not caught", name, e);
    }
  }

  /** What a signal does while nothing is being worked on; without it the system ends the JVM. */
  public synchronized void atRest(Runnable action) {
    atRest = action;
  }

  private void onSignal(Signal signal) {
    if (!act(!INTERRUPT.equals(signal.getName()))) {
      Signal.handle(signal, SignalHandler.SIG_DFL);
      Signal.raise(signal);
    }
  }

  /** Ctrl-C, heard by someone else, such as the library that reads lines from a terminal. */
  public void interrupt() {
    act(false);
  }

  /** Returns whether the signal has done something, be it that it is known already. */
  private boolean act(boolean ends) {
    Runnable action;
    synchronized (this) {
      if (isRecent()) {
        return true;
      }
      hear();
      ending |= ends;
      caught |= working;
      if (working) {
        return true;
      }
      action = atRest;
    }
    if (action == null) {
      return false;
    }
    action.run();
    return true;
  }

  private boolean isRecent() {
    return isHeard && nanoTime.getAsLong() - heard < SAME_SIGNAL;
  }

  /** A signal came that someone else has acted on; what follows at once is the same. */
  public synchronized void hear() {
    isHeard = true;
    heard = nanoTime.getAsLong();
  }

  /** Work begins that a signal ends. */
  public synchronized void begin() {
    working = true;
    caught = false;
  }

  /** Whether a signal asks the work to end. */
  public synchronized boolean isCaught() {
    return caught;
  }

  /** The work has ended. */
  public synchronized void end() {
    working = false;
  }

  /** Whether a signal asks the program to end. */
  public synchronized boolean isEnding() {
    return ending;
  }

  /**
   * Makes signals do what they did before. Not just after one was heard: the same signal, coming a
   * second time, must not change the exit code.
   */
  @Override
  public synchronized void close() {
    if (!isRecent()) {
      for (Replaced one : replaced) {
        Signal.handle(one.signal, one.handler);
      }
    }
  }
}
