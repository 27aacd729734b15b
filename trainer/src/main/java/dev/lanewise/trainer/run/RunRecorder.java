package dev.lanewise.trainer.run;

import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.StorageProblem;
import dev.lanewise.trainer.run.checkpoint.RunLock;
import dev.lanewise.trainer.run.metrics.MemoryGauge;
import dev.lanewise.trainer.run.metrics.MetricsLog;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.run.report.RunReport;
import dev.lanewise.trainer.settings.ConfigYamlWriter;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.CorpusBuilder;
import dev.lanewise.trainer.text.TrainingData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Writes what a run leaves behind besides its checkpoints: text.json, documents.json, config.yaml,
 * metrics.jsonl, report.html.
 */
final class RunRecorder implements AutoCloseable {

  private final RunFolder folder;
  private final RunLock lock;
  private Settings settings;
  private final TrainingData text;
  private final Consumer<String> warnings;
  private final MemoryGauge memory = new MemoryGauge();
  private RunFacts facts;
  private MetricsLog log;

  /**
   * Makes a recorder; nothing is written yet.
   *
   * @param lock of the folder
   * @param text null if the run goes on from its corpus, and knows its text already or never did
   * @param warnings told of what could not be written and is not worth ending a run for
   */
  RunRecorder(
      RunFolder folder,
      RunLock lock,
      Settings settings,
      TrainingData text,
      Consumer<String> warnings) {
    this.folder = folder;
    this.lock = lock;
    this.settings = settings;
    this.text = text;
    this.warnings = warnings;
  }

  /**
   * Writes what a resumption needs, so that a run killed while it prepares has it too. There is no
   * config.yaml, and so no run to resume, until all that goes with it is there and nothing of an
   * earlier try is left.
   *
   * @param anew whether the run is not one that is resumed before its first checkpoint
   */
  void begin(boolean anew) throws IOException {
    guarded(
        () -> {
          if (anew && Files.deleteIfExists(folder.begun())) {
            DurableFiles.forceFolder(folder.path());
          }
          if (text == null || isWritten()) {
            return;
          }
          Files.deleteIfExists(folder.config());
          DurableFiles.forceFolder(folder.path());
          CorpusBuilder.forget(folder.data());
          writeText();
          DurableFiles.forceFolder(folder.path());
          replace(folder.config(), configFile());
        });
  }

  /** Keeps what the run is begun with. */
  void begunWith(FirstInputs inputs) throws IOException {
    guarded(() -> replace(folder.begun(), inputs.render()));
  }

  private boolean isWritten() throws IOException {
    Optional<List<Path>> named = text.named();
    return named.isPresent()
        && holds(folder.text(), RunFolder.textFile(named.get()))
        && RunDocuments.isOf(folder, text)
        && holds(folder.config(), configFile());
  }

  private void writeText() throws IOException {
    Optional<List<Path>> named = text.named();
    if (named.isPresent()) {
      replace(folder.text(), RunFolder.textFile(named.get()));
    } else {
      Files.deleteIfExists(folder.text());
    }
    RunDocuments.write(folder, text);
  }

  private byte[] configFile() {
    return ConfigYamlWriter.write(settings).getBytes(StandardCharsets.UTF_8);
  }

  private static boolean holds(Path file, byte[] content) throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == content.length
        && Arrays.equals(Files.readAllBytes(file), content);
  }

  private static void replace(Path file, byte[] content) throws IOException {
    if (!holds(file, content)) {
      DurableFiles.replace(file, content);
    }
  }

  /**
   * Opens the log, which may refuse; only then are the settings of a resumed run changed.
   *
   * @param resolved the settings, whose number of steps is known
   */
  void ready(RunFacts runFacts, Settings resolved) throws IOException {
    facts = runFacts;
    settings = resolved;
    guarded(
        () -> {
          log = MetricsLog.open(folder.metrics(), facts.firstStep(), warnings);
          if (text != null) {
            writeText();
          }
          replace(folder.config(), configFile());
        });
  }

  /** Writes settings whose number of steps has been decided: before a step depends on it. */
  void decided(Settings now) throws IOException {
    settings = now;
    guarded(() -> replace(folder.config(), configFile()));
  }

  /** Returns whether the loss is a spike. */
  boolean step(StepMetrics metrics) throws IOException {
    boolean[] spike = new boolean[1];
    guarded(() -> spike[0] = log.step(metrics, facts.peakGigaflops(), memory.look()));
    return spike[0];
  }

  void skipped(long step, String reason) throws IOException {
    guarded(() -> log.skipped(step, reason));
  }

  /** A checkpoint must not outlive the lines of its steps. */
  void force() throws IOException {
    guarded(() -> log.force());
  }

  void evaluation(long completedSteps, double loss) throws IOException {
    guarded(() -> log.evaluation(completedSteps, loss));
  }

  /**
   * Records a sample.
   *
   * @param prompt what it goes on from
   * @param text what follows
   */
  void sample(long completedSteps, String prompt, String text) throws IOException {
    guarded(() -> log.sample(completedSteps, prompt, text));
  }

  /** Something that writes to the run folder. */
  @FunctionalInterface
  private interface Recording {
    void run() throws IOException;
  }

  private void guarded(Recording recording) throws IOException {
    lock.requireInPlace();
    try {
      recording.run();
    } catch (IOException e) {
      throw StorageProblem.explain(folder.path(), e);
    }
  }

  /** The report can be made again of the metrics; no run has to end because of it. */
  void writeReport() {
    String title = folder.path().toAbsolutePath().normalize().getFileName().toString();
    RunReport.Subject subject = new RunReport.Subject(title, table(), settings);
    try {
      guarded(() -> RunReport.write(folder.report(), log.history(), subject, Instant.now()));
    } catch (IOException e) {
      warnings.accept("the report could not be written: " + e.getMessage());
    }
  }

  private Map<String, String> table() {
    Map<String, String> table = new LinkedHashMap<>();
    table.put(
        "text",
        String.format(
            Locale.ROOT,
            "%s, %,d bytes",
            text == null ? "as " + folder.data() + " has it" : text.description(),
            facts.textBytes()));
    table.put(
        "tokens",
        String.format(
            Locale.ROOT,
            "%,d to train on, %,d to validate",
            facts.trainingTokens(),
            facts.validationTokens()));
    table.put(
        "model",
        String.format(
            Locale.ROOT,
            "%,d parameters: %s, %s, width %d, context %d, vocabulary %d",
            facts.parameters(),
            Counted.of(facts.model().layers(), "layer"),
            Counted.of(facts.model().block().attention().heads().queries(), "head"),
            facts.model().width(),
            settings.model().context(),
            facts.model().vocabularySize()));
    table.put(
        "batch",
        String.format(
            Locale.ROOT,
            "%s, shards: %d",
            Counted.of(settings.step().batch(), "sequence"),
            facts.shards()));
    table.put("seed", String.valueOf(settings.step().seed()));
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
      warnings.accept(
          "the last lines of %s may be lost: %s"
              .formatted(folder.metrics(), StorageProblem.explain(folder.path(), e).getMessage()));
    }
    writeReport();
    log = null;
  }
}
