package dev.lanewise.trainer.run.compare;

import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.run.Resume;
import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.run.checkpoint.CheckpointCatalog;
import dev.lanewise.trainer.run.metrics.MetricsHistory;
import dev.lanewise.trainer.run.metrics.MetricsHistory.Evaluation;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.CorpusLabel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A run as its folder shows it now; it may be on its way.
 *
 * @param corpus empty as long as the run has none, or when it is gone
 */
public record ComparedRun(
    RunFolder folder, Settings settings, MetricsHistory history, Optional<CorpusLabel> corpus) {

  private static final int DIGITS_OF_A_TEXT = 8;

  /**
   * Reads a run.
   *
   * @param warnings told of what is damaged and can be done without
   * @throws IOException if there is no run in the folder, or it cannot be read; the message names
   *     it
   */
  public static ComparedRun read(RunFolder folder, Consumer<String> warnings) throws IOException {
    if (!Files.isDirectory(folder.path())) {
      throw new IOException(
          folder.path() + (Files.exists(folder.path()) ? ": not a folder" : ": no such folder"));
    }
    Optional<ConfigLayer> layer = Resume.settings(folder, warnings);
    if (layer.isEmpty()) {
      throw new IOException(
          "%s is not a run: there is neither a config.yaml nor a checkpoint in it"
              .formatted(folder.path()));
    }
    Settings settings = layer.get().toSettings();
    // Before the log, because a run that is on its way goes on with both, the log first.
    NavigableMap<Long, Path> checkpoints = new CheckpointCatalog(folder.path()).list();
    MetricsHistory history =
        MetricsHistory.read(folder.metrics(), settings.step().limit(), warnings);
    long taken = checkpoints.isEmpty() ? 0 : checkpoints.lastKey();
    if (taken > history.completedSteps()) {
      warnings.accept(
          "%s ends before step %d, but there is a checkpoint after %s; what is shown is without the last ones"
              .formatted(folder.metrics(), history.completedSteps(), Counted.of(taken, "step")));
    }
    return new ComparedRun(folder, settings, history, CorpusLabel.in(folder.data()));
  }

  long seed() {
    return settings.step().seed();
  }

  double lossTemperature() {
    return settings.model().lossTemperature();
  }

  /** All that makes a result but for the seed; the habits of a run count too. */
  List<Object> withoutSeed() {
    return List.of(settings.with(ConfigKey.SEED, 0L), corpus.map(CorpusLabel::text).orElse(""));
  }

  /** Whether it has come to its end, and was evaluated there. */
  public boolean isFinished() {
    long steps = settings.step().limit();
    return history.completedSteps() == steps
        && history.lastEvaluation().filter(last -> last.completedSteps() == steps).isPresent();
  }

  double finalLoss() {
    return history.lastEvaluation().map(Evaluation::loss).orElse(Double.NaN);
  }

  double bestLoss() {
    return history.bestEvaluation().map(Evaluation::loss).orElse(Double.NaN);
  }

  /** Targets that the loss of a step is the mean of. */
  double tokensPerStep() {
    return (double) settings.step().batch()
        * settings.step().accumulation()
        * settings.model().context();
  }

  /** Whether its evaluations read less than all of what it keeps for validation. */
  boolean evaluatesAPart() {
    int context = settings.model().context();
    long most = settings.output().tokensOfAnEvaluation((long) tokensPerStep());
    return most > 0
        && corpus.stream()
            .anyMatch(
                label ->
                    Math.ceilDiv(most, (long) context)
                        < Math.ceilDiv(label.validationTokens() - 1, (long) context));
  }

  /** The text by the names of its files, and what tells two of one name apart. */
  String text() {
    String digits =
        corpus.map(label -> label.text().substring(0, DIGITS_OF_A_TEXT)).orElse("not read yet");
    return "%s (%s)".formatted(names(), digits);
  }

  private String names() {
    try {
      return folder
          .rememberedText()
          .map(
              files ->
                  files.isEmpty()
                      ? "the JDK's sources"
                      : files.stream()
                          .map(file -> String.valueOf(file.getFileName()))
                          .collect(Collectors.joining(", ")))
          .orElse("?");
    } catch (IOException e) {
      // The digits still say whether it is the same text.
      return "?";
    }
  }

  Path name() {
    return folder.path().toAbsolutePath().normalize().getFileName();
  }
}
