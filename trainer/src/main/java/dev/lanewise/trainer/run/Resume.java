package dev.lanewise.trainer.run;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.checkpoint.CheckpointCatalog;
import dev.lanewise.trainer.run.checkpoint.TrainingState;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigType;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.text.Corpus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a run begins: at step 0, or at the newest checkpoint that can be used. One that cannot be
 * is warned about, and the one before it is tried.
 */
final class Resume {

  private final TrainingRun.Options options;
  private final CheckpointCatalog catalog;
  private final TrainingListener listener;

  Resume(TrainingRun.Options options, CheckpointCatalog catalog, TrainingListener listener) {
    this.options = options;
    this.catalog = catalog;
    this.listener = listener;
  }

  /** Finds the checkpoint to resume from; null if the run begins at step 0. */
  Checkpoint find() throws IOException {
    if (!options.resume()) {
      if (!catalog.list().isEmpty()) {
        throw new IllegalArgumentException(
            "%s already holds a run; continue it with --resume, or choose another folder with --out"
                .formatted(options.folder()));
      }
      return null;
    }
    if (catalog.list().isEmpty()) {
      listener.onWarning(
          "there is no checkpoint in %s yet; the run begins at step 0".formatted(catalog.folder()));
      return null;
    }
    Checkpoint found = firstUsable(Long.MAX_VALUE, List.of());
    long begun = found.state().settings().step().steps();
    if (begun != options.settings().step().steps()) {
      listener.onWarning(
          "the run was begun with %d steps and is resumed with %d, which changes its learning rate from here on"
              .formatted(begun, options.settings().step().steps()));
    }
    return found;
  }

  /**
   * Reads the numbers of a checkpoint, or of one before it if they cannot be read.
   *
   * @param newest as found
   * @param trainer gets weights and what its optimizer remembers
   * @return the checkpoint that was read
   */
  Checkpoint read(Checkpoint newest, Trainer trainer, Corpus corpus) throws IOException {
    Checkpoint candidate = newest;
    while (true) {
      requireSameData(candidate, corpus);
      try {
        ParameterStore weights = candidate.readWeights(trainer.transformer());
        candidate.readState(trainer.optimizer().state());
        trainer.restore(weights);
        return candidate;
      } catch (IOException e) {
        candidate = firstUsable(candidate.state().step(), List.of(e));
      }
    }
  }

  private Checkpoint firstUsable(long before, List<IOException> damaged) throws IOException {
    CheckpointCatalog.Search search = catalog.newestBefore(before);
    List<IOException> all = new ArrayList<>(damaged);
    all.addAll(search.damaged());
    for (IOException problem : all) {
      listener.onWarning("a checkpoint is damaged: " + problem.getMessage());
    }
    if (!search.isFound()) {
      throw new IOException("no checkpoint in " + catalog.folder() + " can be used");
    }
    if (!all.isEmpty()) {
      listener.onWarning("the one before it is used: " + search.found().folder());
    }
    requireSameRun(search.found().state().settings());
    return search.found();
  }

  /** The length of a run and its habits may change when it is resumed; what it computes may not. */
  private void requireSameRun(Settings begun) {
    Settings now = options.settings();
    Settings expected = begun.withHabitsOf(now);
    List<String> changed = new ArrayList<>();
    for (ConfigKey key : ConfigKey.values()) {
      Object before = key.valueIn(expected);
      if (!before.equals(key.valueIn(now))) {
        changed.add("%s %s".formatted(key.option(), ConfigType.format(before)));
      }
    }
    if (!changed.isEmpty()) {
      throw new IllegalArgumentException(
          "the run in %s was begun with other settings: %s; resume it with these, or begin a new run with --out"
              .formatted(options.folder(), String.join(", ", changed)));
    }
  }

  /** Asked before the corpus of another text takes the place of the run's own. */
  static void requireSameText(Path folder, Checkpoint start, String sha256) {
    if (start != null && !start.state().dataFingerprint().equals(sha256)) {
      throw new IllegalArgumentException(
          "the text is not the one that the run in %s was begun with; give the same --data, or begin a new run with --out"
              .formatted(folder));
    }
  }

  private void requireSameData(Checkpoint candidate, Corpus corpus) {
    requireSameText(options.folder(), candidate, corpus.textFingerprint());
    TrainingState state = candidate.state();
    if (!state.tokenizerFingerprint().equals(corpus.tokenizer().fingerprint())) {
      throw new IllegalArgumentException(
          "the tokenizer is not the one that the run in %s was begun with"
              .formatted(options.folder()));
    }
  }
}
