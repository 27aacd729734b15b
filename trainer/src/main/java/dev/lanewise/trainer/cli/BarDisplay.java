package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Progress as a bar at the bottom of a terminal, with the time that is left: one for each phase
 * that does not end at once, and one for all steps with the loss, which says so when a phase among
 * them takes long.
 */
final class BarDisplay extends TextDisplay {

  /** Back to the first column, and delete what is there: the bar comes again by itself. */
  private static final String CLEAR_LINE = "\r\033[K";

  static final int UPDATE_MILLIS = 500;

  private static final double SMOOTHING = 0.9;
  private static final double QUICK_SECONDS = 1;
  private static final long LARGE = 10L << 20;

  private final PrintStream terminal;
  private final int updateMillis;
  private final LongSupplier nanoTime;
  private final Pace pace = new Pace();
  private volatile ProgressBar bar;
  private boolean training;
  private double smoothLoss = Double.NaN;

  /**
   * Makes a display; nothing is drawn yet.
   *
   * @param terminal where lines go too
   * @param nanoTime the clock, see {@link System#nanoTime}
   */
  BarDisplay(Streams streams, PrintStream terminal, int updateMillis, LongSupplier nanoTime) {
    super(streams);
    this.terminal = terminal;
    this.updateMillis = updateMillis;
    this.nanoTime = nanoTime;
  }

  /** Draws the bar, on a thread of its library. */
  private final class Drawing extends ConsoleProgressBarConsumer {

    Drawing() {
      super(terminal);
    }

    @Override
    public void accept(String text) {
      synchronized (printing) {
        super.accept(text);
      }
    }

    /** A bar that was never drawn before its end is drawn then, and its consumer never closed. */
    @Override
    public void close() {
      // The display ends the line.
    }
  }

  private ProgressBarBuilder newBar(String name) {
    return new ProgressBarBuilder()
        .setTaskName(name)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(updateMillis)
        .setConsumer(new Drawing());
  }

  @Override
  public void at(Phase phase, long done, long total) {
    pace.at(phase, done, total, nanoTime.getAsLong());
    if (training) {
      if (pace.ends()) {
        bar.setExtraMessage("");
      } else if (pace.seconds() >= QUICK_SECONDS) {
        bar.setExtraMessage(" " + pace.standing().brief());
      }
    } else {
      draw(phase, done, total);
    }
  }

  private void draw(Phase phase, long done, long total) {
    if (pace.begins() || pace.ends()) {
      close();
    }
    if (done == total || pace.seconds() < QUICK_SECONDS) {
      return;
    }
    if (bar == null) {
      ProgressBarBuilder builder = newBar(phase.id()).setInitialMax(total);
      if (phase.unit() == Phase.Unit.BYTES) {
        boolean large = total == Progress.UNKNOWN || total >= LARGE;
        builder.setUnit(large ? "MB" : "kB", large ? 1 << 20 : 1 << 10);
      }
      long seconds = Math.round(pace.seconds());
      bar = builder.startsFrom(done, Duration.ofSeconds(seconds)).build();
    }
    bar.stepTo(done);
  }

  @Override
  void begin(RunFacts facts) {
    close();
    bar =
        newBar(Phase.TRAINING.id())
            .setInitialMax(facts.steps())
            .startsFrom(facts.firstStep(), Duration.ZERO)
            .build();
    training = true;
    smoothLoss = Double.NaN;
  }

  @Override
  void step(StepMetrics metrics) {
    smoothLoss =
        Double.isNaN(smoothLoss)
            ? metrics.loss()
            : SMOOTHING * smoothLoss + (1 - SMOOTHING) * metrics.loss();
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            " loss %.3f, %s tokens/s",
            smoothLoss,
            Amounts.count(Math.round(metrics.tokensPerSecond()))));
    bar.stepTo(metrics.step() + 1);
  }

  @Override
  void beforeLine() {
    if (bar != null) {
      terminal.print(CLEAR_LINE);
      terminal.flush();
    }
  }

  @Override
  public void close() {
    ProgressBar open = bar;
    if (open != null) {
      open.close();
      bar = null;
      synchronized (printing) {
        // What a run came to stays to be seen.
        terminal.print(training ? System.lineSeparator() : CLEAR_LINE);
        terminal.flush();
      }
    }
    training = false;
  }
}
