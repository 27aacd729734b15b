package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.loop.RunFacts;
import dev.lanewise.trainer.loop.StepMetrics;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;

/** Shows a run to whoever watches: what it is, how far it has come, what it writes. */
abstract sealed class RunDisplay implements AutoCloseable permits BarDisplay, LineDisplay {

  private final PrintWriter out;
  private final PrintWriter err;
  private boolean tokenizerShown;

  RunDisplay(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  /** A bar on a terminal, lines elsewhere. */
  static RunDisplay on(PrintWriter out, PrintWriter err, double peakGigaflops) {
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
            && !"dumb".equals(System.getenv("TERM"));
    return terminal ? new BarDisplay(out, err) : new LineDisplay(out, err, peakGigaflops);
  }

  /** The progress of steps begins. */
  abstract void begin(RunFacts facts);

  abstract void step(StepMetrics metrics);

  /** Makes room for a line among the progress. */
  abstract void beforeLine();

  final void line(String text) {
    beforeLine();
    out.println(text);
  }

  final void tokenizer(int done, int total) {
    if (!tokenizerShown) {
      line("  learning a vocabulary of " + total + " tokens ...");
      tokenizerShown = true;
    }
  }

  final void evaluation(long completedSteps, double loss, boolean best) {
    line(
        String.format(
            Locale.ROOT,
            "step %d: validation loss %.4f, perplexity %.2f%s",
            completedSteps,
            loss,
            Math.exp(loss),
            best ? " (best so far)" : ""));
  }

  final void sample(long completedSteps, String text) {
    beforeLine();
    out.println("--- sample after " + completedSteps + " steps ---");
    out.println(text.stripTrailing());
    out.println("---");
  }

  final void warning(String message) {
    beforeLine();
    err.println("warning: " + message);
  }

  @Override
  public abstract void close();
}
