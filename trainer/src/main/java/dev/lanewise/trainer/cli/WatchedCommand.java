package dev.lanewise.trainer.cli;

import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.text.TextFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** A command that may take long: it tells people, or scripts, how far it has come. */
abstract class WatchedCommand extends Subcommand {

  /** The name of the option, for calls that are too wrong to be understood. */
  static final String JSON = "--json";

  @Option(
      names = "--quiet",
      description = "print only the result, warnings and errors",
      order = 898)
  private boolean quiet;

  @Option(
      names = JSON,
      description =
          "print a JSON object on each line, for scripts: progress, metrics, the result, warnings"
              + " and errors; docs/USAGE.md says what is in them",
      order = 899)
  private boolean json;

  private Display display;

  /** Does the work and returns the exit code. */
  abstract int run(Display shown) throws IOException;

  /** Whether what is told on the way goes to the standard output, with the result. */
  boolean tellsOnOut() {
    return false;
  }

  @Override
  final int run() throws IOException {
    try (Display shown = open()) {
      display = shown;
      return json ? DisplayedWarnings.during(shown, () -> run(shown)) : run(shown);
    }
  }

  private Display open() {
    if (json) {
      return new JsonDisplay(out(), quiet, System::nanoTime);
    }
    TextDisplay.Streams streams = new TextDisplay.Streams(out(), err(), tellsOnOut());
    return quiet ? new QuietDisplay(streams) : TextDisplay.on(streams);
  }

  /** Whether the output is for programs to read. */
  final boolean isForScripts() {
    return json;
  }

  /** What is so because the user did not say otherwise. */
  final void hint(String message) {
    if (!quiet) {
      display.note(message);
    }
  }

  final void warn(String message) {
    display.warning(message);
  }

  @Override
  final void failed(String message, int exitCode) {
    display.error(spec().name(), message, exitCode);
  }

  /**
   * Finds text and tells of files that a user may have meant to be read.
   *
   * @param skipBad whether to leave out what is wrong instead of failing
   */
  final TextFiles findText(List<Path> paths, boolean skipBad) throws IOException {
    TextFiles text = skipBad ? TextFiles.ofUsable(paths, display) : TextFiles.of(paths);
    String where = text.description();
    tellLeftOut(text.skippedBinaryFiles(), "binary file", where, "text has to be UTF-8");
    tellLeftOut(text.runFolders().size(), "run folder", where, "what Lanewise wrote is no text");
    tellLeftOut(text.brokenLinks().size(), "broken link", where, "there is nothing behind it");
    tellLeftOut(text.specialFiles(), "special file", where, "a pipe or a device is no text");
    text.namedAgain().forEach(again -> warn(again + " is named again, and is read once"));
    tellLeftOut(text.bad().size(), "bad file", where, "as --skip-bad asks");
    return text;
  }

  private void tellLeftOut(int count, String what, String where, String why) {
    if (count > 0) {
      warn(
          String.format(
              Locale.ROOT,
              "%s in %s %s left out; %s (--verbose names %s)",
              Counted.of(count, what),
              where,
              count == 1 ? "was" : "were",
              why,
              count == 1 ? "it" : "each"));
    }
  }
}
