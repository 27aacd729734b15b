package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;

/** Shows a run on the terminal: what it is, how far it has come, what it writes. */
abstract sealed class RunDisplay implements AutoCloseable permits BarDisplay, LineDisplay {

  /** Held while printing: a run, a signal, and a bar do so on threads of their own. */
  final Object printing = new Object();

  private final PrintWriter out;
  private final PrintWriter err;
  private boolean tokenizerShown;

  RunDisplay(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  /** A bar on a terminal, lines elsewhere. */
  static RunDisplay on(PrintWriter out, PrintWriter err) {
    return drawsHere()
        ? new BarDisplay(out, err, System.out, BarDisplay.UPDATE_MILLIS)
        : new LineDisplay(out, err, System::nanoTime);
  }

  /** As {@link #draws(boolean, String)}, of this process. */
  static boolean drawsHere() {
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    return draws(terminal, System.getenv("TERM"));
  }

  /** Whether a bar can be drawn again and again on the same line. */
  static boolean draws(boolean terminal, String kind) {
    return terminal && !"dumb".equals(kind);
  }

  /** The progress of steps begins. */
  abstract void begin(RunFacts facts);

  abstract void step(StepMetrics metrics);

  /** Makes room for a line among the progress; the caller holds {@link #printing}. */
  abstract void beforeLine();

  final void line(String text) {
    print(out, text);
  }

  private void print(PrintWriter to, String text) {
    synchronized (printing) {
      beforeLine();
      to.println(text);
      to.flush();
    }
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
    line(
        "--- sample after %d steps ---%n%s%n---"
            .formatted(completedSteps, TerminalText.shown(text.stripTrailing())));
  }

  final void warning(String message) {
    print(err, "warning: " + message);
  }

  @Override
  public abstract void close();
}
