package dev.lanewise.trainer.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Warnings that are logged, told by a display, so that scripts read them among the rest. What is
 * logged below a warning goes where it went before.
 */
final class DisplayedWarnings extends AppenderBase<ILoggingEvent> {

  private final Display display;
  private final List<Appender<ILoggingEvent>> others;

  private DisplayedWarnings(Display display, List<Appender<ILoggingEvent>> others) {
    this.display = display;
    this.others = others;
  }

  /** What may log. */
  @FunctionalInterface
  interface Work {

    /** Does it, and returns the exit code. */
    int run() throws IOException;
  }

  /** Works. Makes the first logger before, which takes a good part of a start. */
  static int during(Display display, Work work) throws IOException {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    List<Appender<ILoggingEvent>> others = new ArrayList<>();
    root.iteratorForAppenders().forEachRemaining(others::add);
    DisplayedWarnings warnings = new DisplayedWarnings(display, others);
    warnings.setContext(root.getLoggerContext());
    warnings.start();
    for (Appender<ILoggingEvent> other : others) {
      root.detachAppender(other);
    }
    root.addAppender(warnings);
    try {
      return work.run();
    } finally {
      root.detachAppender(warnings);
      others.forEach(root::addAppender);
      warnings.stop();
    }
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
      display.warning(event.getFormattedMessage());
    } else {
      others.forEach(other -> other.doAppend(event));
    }
  }
}
