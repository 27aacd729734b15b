package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.run.Resume;
import dev.lanewise.trainer.run.RunDocuments;
import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.JdkSources;
import dev.lanewise.trainer.text.JsonLinesFiles;
import dev.lanewise.trainer.text.TrainingData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a run is trained on: text or JSON Lines, as they are named or as a run remembers them. */
final class TextOptions {

  @Option(
      names = "--data",
      preprocessor = Verbatim.class,
      arity = "1..*",
      paramLabel = "PATH",
      description =
          "text files or folders in UTF-8, or JSON Lines: files that end in .jsonl or .jsonl.gz,"
              + " and folders of them; - is the standard input, text that the run keeps as text.txt"
              + " (default: the JDK's own sources, see --jdk)")
  private List<Path> data = List.of();

  @Option(
      names = "--validation",
      preprocessor = Verbatim.class,
      arity = "1..*",
      paramLabel = "PATH",
      description =
          "JSON Lines to measure the loss on (default: a tenth of the documents of --data, drawn by"
              + " seed)")
  private List<Path> validation = List.of();

  @Option(
      names = "--skip-bad",
      description =
          "leave out files that are missing, unreadable, binary or not UTF-8, and documents of JSON"
              + " Lines that are no good, and say how many")
  private boolean skipBad;

  boolean isNamed() {
    return !data.isEmpty();
  }

  boolean isStandardInput() {
    return StandardInput.isNamed(data);
  }

  /** Adds what was asked for to the lines that have to be the same on all ranks. */
  void tell(List<String> lines) {
    data.forEach(path -> lines.add("--data " + path));
    validation.forEach(path -> lines.add("--validation " + path));
    lines.add("--skip-bad " + skipBad);
  }

  /** Keeps the standard input in a file and takes that. */
  TrainingData saved(Path copy, WatchedCommand command, Display display) throws IOException {
    return command.findText(StandardInput.saved(data, System.in, copy, "--out", display), skipBad);
  }

  /** Finds the data of a new run. */
  TrainingData find(Settings settings, WatchedCommand command) throws IOException {
    return find(data, validation, JsonLinesFiles.areNamed(data), settings, command);
  }

  /** Finds the data of a run that goes on; null if it has to go on from its corpus. */
  TrainingData findAgain(RunFolder run, Settings settings, WatchedCommand command)
      throws IOException {
    Optional<RunDocuments> documents = RunDocuments.in(run);
    List<Path> named = data;
    if (data.isEmpty()) {
      Optional<List<Path>> remembered = Resume.text(run, command::warn);
      if (remembered.isEmpty()) {
        return null;
      }
      named = remembered.get();
    }
    List<Path> others =
        documents.isPresent() && validation.isEmpty() ? documents.get().validation() : validation;
    // A run of former times may have read JSON Lines as text.
    return find(named, others, documents.isPresent(), settings, command);
  }

  private TrainingData find(
      List<Path> named,
      List<Path> others,
      boolean areDocuments,
      Settings settings,
      WatchedCommand command)
      throws IOException {
    if (areDocuments) {
      JsonLinesFiles files = JsonLinesFiles.of(named).validatingOn(others);
      return skipBad ? files.skippingBad() : files;
    }
    if (!others.isEmpty()) {
      throw command.wrongCall(
          "--validation goes with JSON Lines; of text a part of --data validates");
    }
    return named.isEmpty()
        ? JdkSources.ofRunningJdk(settings.text().jdkSources())
        : command.findText(named, skipBad);
  }
}
