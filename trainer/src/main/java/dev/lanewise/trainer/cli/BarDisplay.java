package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.loop.RunFacts;
import dev.lanewise.trainer.loop.StepMetrics;
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

  private static final double SMOOTHING = 0.9;

  private final PrintWriter out;
  private ProgressBar bar;
  private double smoothLoss = Double.NaN;

  BarDisplay(PrintWriter out, PrintWriter err) {
    super(out, err);
    this.out = out;
  }

  @Override
  void begin(RunFacts facts) {
    bar =
        new ProgressBarBuilder()
            .setTaskName("training")
            .setInitialMax(facts.steps())
            .startsFrom(facts.firstStep(), Duration.ZERO)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(500)
            .setConsumer(new ConsoleProgressBarConsumer(System.out))
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
      out.print(CLEAR_LINE);
      out.flush();
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
