package dev.lanewise.trainer.run;

import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.FileProblem;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Tally;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.checkpoint.CheckpointCatalog;
import dev.lanewise.trainer.run.checkpoint.SavedAdapter;
import dev.lanewise.trainer.run.checkpoint.TrainingState;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.ConfigType;
import dev.lanewise.trainer.settings.ConfigYaml;
import dev.lanewise.trainer.settings.InvalidConfigException;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.settings.StepSettings;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.text.Corpus;
import dev.lanewise.trainer.text.CorpusBuilder;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A run resumes with the settings of its config.yaml and the text of its text.json, or what {@code
 * data/} holds of a text that is gone, from the newest of its checkpoints that can be used, or from
 * step 0 if it has none; what would make another run of it is refused before anything is changed.
 */
public final class Resume {

  private final TrainingRun.Options options;
  private final CheckpointCatalog catalog;
  private final TrainingListener listener;
  private Checkpoint measured;

  /** Null if the run does not know, or has a checkpoint that does. */
  private FirstInputs begun;

  Resume(TrainingRun.Options options, CheckpointCatalog catalog, TrainingListener listener) {
    this.options = options;
    this.catalog = catalog.telling(listener);
    this.listener = listener;
  }

  /**
   * The settings that a run was begun with.
   *
   * @return empty if there is no run to resume
   */
  public static Optional<ConfigLayer> settings(RunFolder run, Consumer<String> warnings)
      throws IOException {
    if (RegularFile.isThere(run.config())) {
      ConfigLayer settings = ConfigYaml.read(run.config());
      if (settings.isEmpty()) {
        throw new InvalidConfigException(
            List.of(
                "%s: there are no settings in it, so it is not what a run writes; delete it, and those of the newest checkpoint are taken"
                    .formatted(run.config())));
      }
      return Optional.of(settings);
    }
    // A run that was killed before it wrote its settings has nothing to resume either.
    Checkpoint newest = new CheckpointCatalog(run.path()).newest().found();
    if (newest == null) {
      return Optional.empty();
    }
    warnings.accept(
        "%s is missing; the settings are those of %s".formatted(run.config(), newest.folder()));
    return Optional.of(ConfigLayer.of(newest.state().settings()));
  }

  /**
   * The files that a run was begun with; none stand for the JDK's sources.
   *
   * @return empty if they are gone, or the run never knew them, and it goes on from its corpus
   * @throws IOException if it has no corpus either; the message says what to do
   */
  public static Optional<List<Path>> text(RunFolder run, Consumer<String> warnings)
      throws IOException {
    Optional<List<Path>> named = run.rememberedText();
    List<Path> needed = new ArrayList<>(named.orElse(List.of()));
    RunDocuments.in(run).ifPresent(documents -> needed.addAll(documents.validation()));
    List<Path> gone = needed.stream().filter(path -> !Files.exists(path)).toList();
    if (named.isPresent() && gone.isEmpty()) {
      return named;
    }
    String problem =
        named.isPresent()
            ? "the text of the run is gone: %s is not there".formatted(gone.getFirst())
            : "the run does not say what text it is of: there is no " + run.text();
    if (!CorpusBuilder.isComplete(run.data())) {
      throw new IOException(
          "%s, and there is no whole corpus in %s; name the text with --data, or begin a new run with another --out"
              .formatted(problem, run.data()));
    }
    warnings.accept("%s; it goes on from the corpus in %s".formatted(problem, run.data()));
    return Optional.empty();
  }

  /** The corpus that the run made of a text that is gone. */
  Corpus keptCorpus(Optional<? extends Corpus> kept, Checkpoint start) throws IOException {
    if (kept.isEmpty()) {
      throw new IOException(
          "the corpus in %s is damaged or was made with other settings, and the text of the run is gone; name it with --data"
              .formatted(new RunFolder(options.folder()).data()));
    }
    try {
      requireSameText(start, kept.get().textFingerprint());
    } catch (IllegalArgumentException e) {
      kept.get().close();
      throw e;
    }
    return kept.get();
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
      begun = FirstInputs.read(new RunFolder(options.folder()).begun());
      return null;
    }
    Checkpoint found = firstUsable(Long.MAX_VALUE, List.of());
    if (options.settings().step().epochs() == 0) {
      requireSteps(found, options.settings());
    }
    return found;
  }

  /**
   * Requires that a run does not end before it goes on, and says so when its length has changed.
   *
   * @param start null if the run begins
   * @param now the settings, whose number of steps is known
   */
  void requireSteps(Checkpoint start, Settings now) {
    if (start == null || start.equals(measured) || now.step().isOpen()) {
      return;
    }
    measured = start;
    long steps = now.step().steps();
    if (start.state().step() > steps) {
      throw new InvalidConfigException(
          List.of(
              "--%s: the run in %s has already taken %d; resume it with at least as many"
                  .formatted(
                      now.step().epochs() == 0
                          ? "steps " + steps
                          : "epochs %s, which come to %s"
                              .formatted(
                                  ConfigType.format(now.step().epochs()),
                                  Counted.of(steps, "step")),
                      options.folder(),
                      start.state().step())));
    }
    long begun = start.state().settings().step().steps();
    if (begun != steps && !start.state().settings().step().isOpen()) {
      listener.onWarning(
          "the run was begun with %s and is resumed with %d, which changes its learning rate from here on%s"
              .formatted(
                  Counted.of(begun, "step"),
                  steps,
                  now.model().sampledSoftmax() > 0 ? ", and where its loss becomes exact" : ""));
    }
  }

  /**
   * Reads the numbers of a checkpoint, or of one before it if they cannot be read.
   *
   * @param newest as found
   * @param adapter of that checkpoint, whose base an earlier one has too; null if there is none
   * @param trainer gets weights, or of an adapter only that, and what its optimizer remembers
   * @param now the settings, whose number of steps is known
   * @return the checkpoint that was read
   */
  Checkpoint read(
      Checkpoint newest, SavedAdapter adapter, Trainer trainer, Corpus corpus, Settings now)
      throws IOException {
    Checkpoint candidate = newest;
    while (true) {
      requireSameData(candidate, corpus);
      try {
        List<OptimizerState> states = trainer.state();
        Tally tally =
            listener.begin(Phase.LOADING, bytes(trainer.transformer().layout(), adapter, states));
        ParameterStore weights = readWeights(candidate, adapter, trainer, tally);
        candidate.readState(states, tally);
        tally.end();
        restore(trainer, weights, candidate, now);
        return candidate;
      } catch (IOException e) {
        candidate = firstUsable(candidate.state().step(), List.of(e));
      }
    }
  }

  private static ParameterStore readWeights(
      Checkpoint candidate, SavedAdapter adapter, Trainer trainer, LongConsumer read)
      throws IOException {
    if (adapter == null) {
      return candidate.readWeights(trainer.transformer(), read);
    }
    ParameterStore added =
        adapter.in(candidate.folder()).readWeights(candidate.description(), trainer.transformer());
    read.accept((long) Float.BYTES * added.data().length);
    return added;
  }

  private static void restore(
      Trainer trainer, ParameterStore weights, Checkpoint candidate, Settings now)
      throws IOException {
    StepSettings begun = candidate.state().settings().step();
    // Of a run by minutes, whose end is decided later, the rates up to there stay.
    boolean sameRates = begun.isOpen() || begun.steps() == now.step().steps();
    try {
      trainer.restore(weights, candidate.state().step(), sameRates);
    } catch (IllegalArgumentException e) {
      throw candidate.badState(e);
    }
  }

  private static long bytes(
      ParameterLayout layout, SavedAdapter adapter, List<OptimizerState> states) {
    long floats = adapter == null ? layout.size() : layout.trainableSize();
    for (OptimizerState state : states) {
      floats += state.values().data().length;
    }
    return Float.BYTES * floats;
  }

  private Checkpoint firstUsable(long before, List<IOException> damaged) throws IOException {
    CheckpointCatalog.Search search = catalog.newestBefore(before);
    List<IOException> all = new ArrayList<>(damaged);
    all.addAll(search.damaged());
    for (IOException problem : all) {
      // A run that goes on from one before would replace it, and nothing need be wrong with it.
      if (problem.getCause() instanceof AccessDeniedException) {
        throw problem;
      }
      String what = problem instanceof InvalidFileException ? "is damaged" : "cannot be used";
      listener.onWarning("a checkpoint %s: %s".formatted(what, FileProblem.explain(problem)));
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
        changed.add(
            "%s was %s and is now %s"
                .formatted(
                    key.option(), ConfigType.format(before), ConfigType.format(key.valueIn(now))));
      }
    }
    if (!changed.isEmpty()) {
      throw new IllegalArgumentException(
          "the run in %s was begun with other settings: %s; leave them as they were (here and in its config.yaml), or begin a new run with another --out"
              .formatted(options.folder(), String.join(", ", changed)));
    }
  }

  /** Asked before the corpus of another text takes the place of the run's own. */
  void requireSameText(Checkpoint start, String sha256) {
    String before =
        start != null ? start.state().dataFingerprint() : begun != null ? begun.text() : sha256;
    if (!before.equals(sha256)) {
      throw new IllegalArgumentException(
          "the text is not the one that the run in %s was begun with: %s was changed, or is another (its SHA-256 is %s, and was %s); give the same --data, or begin a new run with --out"
              .formatted(
                  options.folder(),
                  options.text() == null
                      ? new RunFolder(options.folder()).data()
                      : options.text().description(),
                  sha256,
                  before));
    }
  }

  /** Asked when a run without a checkpoint has read the weights that it begins with. */
  void requireSameWeights(FirstInputs now) {
    if (begun != null && !begun.weights().equals(now.weights())) {
      throw new IllegalArgumentException(
          "the weights are not those that the run in %s was begun with: those of %s were changed, or are others (their SHA-256 is %s, and was %s); give the same --from, or begin a new run with --out"
              .formatted(
                  options.folder(),
                  options.settings().model().isNew()
                      ? "no model"
                      : options.settings().model().from(),
                  orNone(now.weights()),
                  orNone(begun.weights())));
    }
  }

  private static String orNone(String sha256) {
    return sha256.isEmpty() ? "none" : sha256;
  }

  private void requireSameData(Checkpoint candidate, Corpus corpus) {
    requireSameText(candidate, corpus.textFingerprint());
    TrainingState state = candidate.state();
    if (!state.tokenizerFingerprint().equals(corpus.tokenizer().fingerprint())) {
      throw new IllegalArgumentException(
          "the tokenizer is not the one that the run in %s was begun with"
              .formatted(options.folder()));
    }
  }
}
