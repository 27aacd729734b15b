package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.checkpoint.StorageProblem;
import dev.lanewise.trainer.run.metrics.LossReport;
import dev.lanewise.trainer.run.metrics.MetricsLog;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigYamlWriter;
import dev.lanewise.trainer.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Writes what a run leaves behind besides its checkpoints: config.yaml, metrics.jsonl, report.html.
 */
final class RunRecorder implements AutoCloseable {

  private final RunFolder folder;
  private final Settings config;
  private final List<Path> text;
  private final String textDescription;
  private final double peakGigaflops;
  private final Consumer<String> warnings;
  private RunFacts facts;
  private MetricsLog log;

  /**
   * Makes a recorder; nothing is written yet.
   *
   * @param text the files that the user named
   * @param warnings hears of what could not be written and is not worth ending a run for
   */
  RunRecorder(
      RunFolder folder,
      Settings config,
      List<Path> text,
      String textDescription,
      double peakGigaflops,
      Consumer<String> warnings) {
    this.folder = folder;
    this.config = config;
    this.text = List.copyOf(text);
    this.textDescription = textDescription;
    this.peakGigaflops = peakGigaflops;
    this.warnings = warnings;
  }

  Path folder() {
    return folder.path();
  }

  /** Writes what a resumption needs at once, so that a run killed while it prepares has it too. */
  void begin(long completedSteps) throws IOException {
    if (completedSteps == 0) {
      writeSettings();
    }
  }

  private void writeSettings() throws IOException {
    DurableFiles.replace(folder.config(), ConfigYamlWriter.write(config));
    folder.rememberText(text);
  }

  void ready(RunFacts runFacts) throws IOException {
    facts = runFacts;
    writeSettings();
    log = MetricsLog.open(folder.metrics(), facts.firstStep(), warnings);
  }

  /** Returns whether the loss is a spike. */
  boolean step(StepMetrics metrics) throws IOException {
    return log.step(metrics, peakGigaflops);
  }

  void skipped(long step, String reason) throws IOException {
    log.skipped(step, reason);
  }

  /** A checkpoint must not outlive the lines of its steps. */
  void saving() throws IOException {
    log.force();
  }

  void evaluation(long completedSteps, double loss) throws IOException {
    log.evaluation(completedSteps, loss);
    writeReport();
  }

  /** The report can be made again of the metrics; no run has to end because of it. */
  private void writeReport() {
    try {
      LossReport.write(
          folder.report(), folder.metrics(), folder.path().getFileName().toString(), table());
    } catch (IOException e) {
      warn("the report could not be written", e);
    }
  }

  private void warn(String what, IOException problem) {
    warnings.accept(what + ": " + StorageProblem.explain(folder.path(), problem).getMessage());
  }

  private Map<String, String> table() {
    Map<String, String> table = new LinkedHashMap<>();
    table.put("text", textDescription + ", " + Amounts.bytes(facts.textBytes()));
    table.put(
        "tokens",
        "%s to train on, %s to validate"
            .formatted(
                Amounts.count(facts.trainingTokens()), Amounts.count(facts.validationTokens())));
    table.put(
        "model",
        "%s parameters: %d layers, %d heads, width %d, context %d, vocabulary %d"
            .formatted(
                Amounts.count(facts.parameters()),
                config.model().layers(),
                config.model().heads(),
                config.model().width(),
                config.model().context(),
                facts.model().vocabularySize()));
    table.put("batch", "%d sequences, shards: %d".formatted(config.step().batch(), facts.shards()));
    table.put("seed", String.valueOf(config.step().seed()));
    return table;
  }

  /**
   * Writes the last report and closes the log. What cannot be written then is reported and no more:
   * the lines that a checkpoint needs were forced before it.
   */
  @Override
  public void close() {
    if (log == null) {
      return;
    }
    try (MetricsLog closing = log) {
      closing.force();
    } catch (IOException e) {
      warn("the last lines of " + folder.metrics() + " may be lost", e);
    }
    writeReport();
    log = null;
  }
}
