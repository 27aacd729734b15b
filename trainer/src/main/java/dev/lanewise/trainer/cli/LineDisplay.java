package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Progress as lines, for files and pipes: whatever takes long has a line at least every ten
 * seconds, as far as it reports that often itself; what is quick has none.
 */
final class LineDisplay extends TextDisplay {

  private static final long MOST_NANOS_IN_SILENCE = 10_000_000_000L;
  private static final long STEPS_BEFORE_ESTIMATE = 5;

  private final LongSupplier nanoTime;
  private final Pace pace = new Pace();
  private long reported;
  private long lined;
  private boolean phaseTold;
  private RunFacts facts;
  private long began;
  private long shown;
  private double milliseconds;
  private double tokens;
  private double flops;

  /**
   * Begins now.
   *
   * @param nanoTime the clock, see {@link System#nanoTime}
   */
  LineDisplay(Streams streams, LongSupplier nanoTime) {
    super(streams);
    this.nanoTime = nanoTime;
    this.reported = nanoTime.getAsLong();
    this.lined = reported;
  }

  /** Whether a silence since then would be too long if the next report took as long as this. */
  private boolean isTooLong(long since, long now) {
    return now - since + (now - reported) > MOST_NANOS_IN_SILENCE;
  }

  @Override
  public void at(Phase phase, long done, long total) {
    long now = nanoTime.getAsLong();
    synchronized (printing) {
      pace.at(phase, done, total, now);
      phaseTold &= !pace.begins();
      if (pace.ends() ? phaseTold : isTooLong(lined, now)) {
        tell(pace.standing());
        phaseTold = true;
      }
      reported = now;
    }
  }

  @Override
  void begin(RunFacts runFacts) {
    facts = runFacts;
    began = nanoTime.getAsLong();
  }

  @Override
  void step(StepMetrics metrics) {
    milliseconds += metrics.milliseconds();
    tokens += metrics.tokens();
    flops += metrics.flops();
    long now = nanoTime.getAsLong();
    long completed = metrics.step() + 1;
    boolean first = completed == facts.firstStep() + 1;
    synchronized (printing) {
      if (first || completed == facts.steps() || isTooLong(shown, now)) {
        show(metrics, completed, now);
      }
      reported = now;
    }
  }

  private void show(StepMetrics metrics, long completed, long now) {
    double gigaflops = flops / milliseconds / 1e6;
    line(
        String.format(
            Locale.ROOT,
            "step %d%s: loss %.4f, lr %.2e, gradient %.2f, %,.0f tokens/s, %.1f GFLOP/s (%.1f %%"
                + " of peak)%s",
            completed,
            facts.steps() == UNKNOWN ? "" : "/" + facts.steps(),
            metrics.loss(),
            metrics.learningRate(),
            metrics.gradientNorm(),
            tokens / milliseconds * 1e3,
            gigaflops,
            100 * gigaflops / facts.peakGigaflops(),
            left(completed, now)));
    shown = now;
    milliseconds = 0;
    tokens = 0;
    flops = 0;
  }

  /** The first steps run code that is not yet compiled, and tell nothing about the others. */
  private String left(long completed, long now) {
    long taken = completed - facts.firstStep();
    boolean unknown = facts.steps() == UNKNOWN || taken < STEPS_BEFORE_ESTIMATE;
    if (unknown || completed == facts.steps()) {
      return "";
    }
    double perStep = (now - began) / 1e9 / taken;
    return ", " + Amounts.time(perStep * (facts.steps() - completed)) + " left";
  }

  @Override
  void beforeLine() {
    lined = nanoTime.getAsLong();
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
