package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress as a bar at the bottom of a terminal, with the loss and the time that is left. */
final class BarDisplay extends RunDisplay {

  /** Back to the first column, and delete what is there: the bar comes again by itself. */
  private static final String CLEAR_LINE = "\r\033[K";

  static final int UPDATE_MILLIS = 500;

  private static final double SMOOTHING = 0.9;

  private final PrintStream terminal;
  private final int updateMillis;
  private volatile ProgressBar bar;
  private double smoothLoss = Double.NaN;

  /**
   * @param out where lines go, which is the terminal too
   */
  BarDisplay(PrintWriter out, PrintWriter err, PrintStream terminal, int updateMillis) {
    super(out, err);
    this.terminal = terminal;
    this.updateMillis = updateMillis;
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

    @Override
    public void close() {
      synchronized (printing) {
        super.close();
      }
    }
  }

  @Override
  void begin(RunFacts facts) {
    bar =
        new ProgressBarBuilder()
            .setTaskName("training")
            .setInitialMax(facts.steps())
            .startsFrom(facts.firstStep(), Duration.ZERO)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(updateMillis)
            .setConsumer(new Drawing())
            .build();
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
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
