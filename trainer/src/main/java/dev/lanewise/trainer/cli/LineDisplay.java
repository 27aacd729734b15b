package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Progress as lines, for files and pipes: the first step, then a line every few seconds. */
final class LineDisplay extends RunDisplay {

  private static final double SECONDS_PER_LINE = 10;
  private static final long STEPS_BEFORE_ESTIMATE = 5;

  private final LongSupplier nanoTime;
  private RunFacts facts;
  private long began;
  private long shown;
  private int steps;
  private double loss;
  private double milliseconds;
  private double tokens;
  private double flops;

  /**
   * @param nanoTime the clock, see {@link System#nanoTime}
   */
  LineDisplay(PrintWriter out, PrintWriter err, LongSupplier nanoTime) {
    super(out, err);
    this.nanoTime = nanoTime;
  }

  @Override
  void begin(RunFacts runFacts) {
    facts = runFacts;
    began = nanoTime.getAsLong();
  }

  @Override
  void step(StepMetrics metrics) {
    steps++;
    loss += metrics.loss();
    milliseconds += metrics.milliseconds();
    tokens += metrics.tokens();
    flops += metrics.flops();
    long now = nanoTime.getAsLong();
    long completed = metrics.step() + 1;
    boolean first = completed == facts.firstStep() + 1;
    if (first || completed == facts.steps() || now - shown > SECONDS_PER_LINE * 1e9) {
      show(metrics, completed, now);
    }
  }

  private void show(StepMetrics metrics, long completed, long now) {
    double gigaflops = flops / milliseconds / 1e6;
    line(
        String.format(
            Locale.ROOT,
            "step %d/%d: loss %.4f, lr %.2e, gradient %.2f, %,.0f tokens/s, %.1f GFLOP/s (%.1f %%"
                + " of peak)%s",
            completed,
            facts.steps(),
            loss / steps,
            metrics.learningRate(),
            metrics.gradientNorm(),
            tokens / milliseconds * 1e3,
            gigaflops,
            100 * gigaflops / facts.peakGigaflops(),
            left(completed, now)));
    shown = now;
    steps = 0;
    loss = 0;
    milliseconds = 0;
    tokens = 0;
    flops = 0;
  }

  /** The first steps run code that is not yet compiled, and tell nothing about the others. */
  private String left(long completed, long now) {
    long taken = completed - facts.firstStep();
    if (taken < STEPS_BEFORE_ESTIMATE || completed == facts.steps()) {
      return "";
    }
    double perStep = (now - began) / 1e9 / taken;
    return ", " + Amounts.time(perStep * (facts.steps() - completed)) + " left";
  }

  @Override
  void beforeLine() {
    // Lines follow one another.
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
