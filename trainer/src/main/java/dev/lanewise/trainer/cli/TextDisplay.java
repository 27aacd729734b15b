package dev.lanewise.trainer.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Optional;

/** Shows it to people. */
abstract sealed class TextDisplay extends Display permits BarDisplay, LineDisplay, QuietDisplay {

  /** Held while printing: a run, a signal, and a bar do so on threads of their own. */
  final Object printing = new Object();

  private final Streams streams;

  /**
   * Where text goes.
   *
   * @param out for the result
   * @param tellsOnOut whether what is told on the way goes there too
   */
  record Streams(PrintWriter out, PrintWriter err, boolean tellsOnOut) {
    PrintWriter lines() {
      return tellsOnOut ? out : err;
    }
  }

  TextDisplay(Streams streams) {
    this.streams = streams;
  }

  /** A bar on a terminal, lines elsewhere. */
  static TextDisplay on(Streams streams) {
    if (!drawsHere()) {
      return new LineDisplay(streams, System::nanoTime);
    }
    return new BarDisplay(
        streams,
        streams.tellsOnOut() ? System.out : System.err,
        BarDisplay.UPDATE_MILLIS,
        System::nanoTime);
  }

  /** As {@link #draws(boolean, String)}, of this process. */
  static boolean drawsHere() {
    return draws(isTerminal(), System.getenv("TERM"));
  }

  /** Whether somebody sits in front of this process: both input and output are a terminal. */
  static boolean isTerminal() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
  }

  /** Whether a bar can be drawn again and again on the same line. */
  static boolean draws(boolean terminal, String kind) {
    return terminal && !"dumb".equals(kind);
  }

  /** Makes room for a line among the progress; the caller holds {@link #printing}. */
  abstract void beforeLine();

  private void print(PrintWriter to, String text) {
    synchronized (printing) {
      beforeLine();
      to.println(text);
      to.flush();
    }
  }

  @Override
  void tell(Message message) {
    line(message.text());
  }

  final void line(String text) {
    print(streams.lines(), text);
  }

  @Override
  final void note(String message) {
    print(streams.err(), "note: " + message);
  }

  @Override
  final void warning(String message) {
    print(streams.err(), "warning: " + message);
  }

  @Override
  final void piece(String text) {
    streams.out().print(TerminalText.shown(text));
    streams.out().flush();
  }

  @Override
  final void result(Message message) {
    print(streams.out(), message.text());
  }

  @Override
  final void error(String command, String message, int exitCode) {
    streams.out().flush();
    print(streams.err(), "lanewise " + command + ": " + message);
  }
}
