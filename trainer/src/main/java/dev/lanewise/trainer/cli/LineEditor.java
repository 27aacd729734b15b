package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.cli.jvm.InterruptSignals;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jline.keymap.KeyMap;
import org.jline.reader.Binding;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * Lines that are edited on a terminal, with those of before a key away. A line that ends with a
 * backslash goes on in the next one; so does one at whose end Alt-Enter was pressed, and what is
 * pasted is one message. Ctrl-C takes a line away, and where there is none it ends the input.
 */
final class LineEditor implements ChatInput {

  static final String PROMPT = "> ";
  private static final String ENTER = "enter-or-go-on";
  private static final String NEW_LINE = "new-line";

  private final Terminal terminal;
  private final LineReader reader;
  private final InterruptSignals signals;

  private LineEditor(Terminal terminal, InterruptSignals signals) {
    this.terminal = terminal;
    this.signals = signals;
    this.reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "  ")
            // Messages are text: an exclamation mark or a backslash in them is what it is.
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
    reader.getWidgets().put(ENTER, this::enter);
    reader.getWidgets().put(NEW_LINE, this::newLine);
    KeyMap<Binding> keys = reader.getKeyMaps().get(LineReader.MAIN);
    keys.bind(new Reference(ENTER), "\r", "\n");
    keys.bind(new Reference(NEW_LINE), KeyMap.alt('\r'), KeyMap.alt('\n'));
    terminal.handle(Terminal.Signal.INT, any -> signals.interrupt());
    // While a line is read the reader is told, and goes on or ends as the signals say.
    signals.atRest(() -> terminal.raise(Terminal.Signal.INT));
  }

  /**
   * Takes the terminal of this process.
   *
   * @throws IOException if it is not one, or cannot be used
   */
  static LineEditor ofProcess(InterruptSignals signals) throws IOException {
    // By stty: nothing native is loaded.
    return on(
        TerminalBuilder.builder()
            .system(true)
            .provider("exec")
            .dumb(false)
            .encoding(StandardCharsets.UTF_8)
            .build(),
        signals);
  }

  /** Takes a terminal, which this closes. */
  static LineEditor on(Terminal terminal, InterruptSignals signals) {
    return new LineEditor(terminal, signals);
  }

  private boolean enter() {
    boolean atEnd = reader.getBuffer().cursor() == reader.getBuffer().length();
    if (atEnd && reader.getBuffer().prevChar() == '\\') {
      reader.getBuffer().backspace();
      return newLine();
    }
    reader.callWidget(LineReader.ACCEPT_LINE);
    return true;
  }

  private boolean newLine() {
    reader.getBuffer().write('\n');
    return true;
  }

  @Override
  public String next() {
    while (true) {
      try {
        return reader.readLine(PROMPT);
      } catch (UserInterruptException e) {
        signals.hear();
        if (signals.isEnding() || e.getPartialLine().isEmpty()) {
          return null;
        }
      } catch (EndOfFileException e) {
        return null;
      }
    }
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }
}
