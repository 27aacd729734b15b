package dev.lanewise.trainer.run;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.registry.Registry;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.files.StorageProblem;
import dev.lanewise.trainer.optim.OptimizerKind;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.optim.ScheduleKind;
import dev.lanewise.trainer.optim.Schedules;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.checkpoint.CheckpointStore;
import dev.lanewise.trainer.run.checkpoint.RunLock;
import dev.lanewise.trainer.run.checkpoint.TrainingState;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.NonFiniteException;
import dev.lanewise.trainer.step.RankOrders;
import dev.lanewise.trainer.text.Corpus;
import dev.lanewise.trainer.text.CorpusBuilder;
import dev.lanewise.trainer.text.CorpusLayout;
import dev.lanewise.trainer.text.DocumentCorpus;
import dev.lanewise.trainer.text.DocumentCorpusBuilder;
import dev.lanewise.trainer.text.JsonLinesFiles;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.TokenizerChoice;
import dev.lanewise.trainer.text.TokenizerKind;
import dev.lanewise.trainer.text.TokenizerKinds;
import dev.lanewise.trainer.text.TrainingData;
import dev.lanewise.trainer.text.token.StepSampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A training run in a folder, from text to trained model: prepares the corpus, takes the steps,
 * evaluates, samples and saves, and can be stopped and resumed at any step without a trace in the
 * result. All that the {@link RunFolder} comes to hold is written here, for the command line and
 * for other callers alike.
 *
 * <p>At a resumed step that is due for an evaluation the evaluation is made again, because a run
 * that was killed may not have come to it; it is exact, so it gives the same figure.
 */
public final class TrainingRun {

  private final Options options;
  private final Settings settings;
  private final TrainingListener listener;
  private volatile boolean stopping;
  private boolean locks = true;
  private Registry<TokenizerKind> tokenizers = TokenizerKinds.STANDARD;
  private LongSupplier nanoTime = System::nanoTime;
  private long leastTableBytes = CheckpointStore.LARGE_TABLE_BYTES;
  private KnownModel base;
  private RankOrders ranks = RankOrders.alone();
  private MemoryChoice memory = (transformer, storage, validationTokens) -> RunMemory.AMPLE;

  /**
   * What a run is made of.
   *
   * @param settings decide the result
   * @param folder of the run: a new one, which is created, an empty one, or a run
   * @param text to train on, or documents; when resuming, the same as before, or null to go on from
   *     the corpus that the run has made of it
   * @param threads workers; does not change the result
   * @param kernels do not change the result either
   * @param optimizers those that the settings can name
   * @param schedules those that the settings can name
   * @param resume whether to continue from the newest checkpoint
   * @param onNonFinite what to do when training goes wrong
   * @param onCheckpointFailure what to do when a checkpoint cannot be written
   */
  public record Options(
      Settings settings,
      Path folder,
      TrainingData text,
      int threads,
      KernelSet kernels,
      Registry<OptimizerKind> optimizers,
      Registry<ScheduleKind> schedules,
      boolean resume,
      NonFinitePolicy onNonFinite,
      CheckpointFailurePolicy onCheckpointFailure) {

    /** Returns those of a new run with what Lanewise brings; whatever goes wrong ends it. */
    public static Options of(Settings settings, Path folder, TrainingData text, int threads) {
      return new Options(
          settings,
          folder,
          text,
          threads,
          VectorKernels.create(),
          Optimizers.STANDARD,
          Schedules.STANDARD,
          false,
          NonFinitePolicy.STOP,
          CheckpointFailurePolicy.STOP);
    }

    /** Returns the same, to go on from the newest checkpoint. */
    public Options resuming() {
      return with(settings, true);
    }

    /** Returns these with other settings. */
    Options with(Settings other) {
      return with(other, resume);
    }

    private Options with(Settings other, boolean resumes) {
      return new Options(
          other,
          folder,
          text,
          threads,
          kernels,
          optimizers,
          schedules,
          resumes,
          onNonFinite,
          onCheckpointFailure);
    }
  }

  /**
   * How a run ended.
   *
   * @param completed false if it was stopped before its last step
   * @param steps of the whole run; {@link dev.lanewise.trainer.progress.Progress#UNKNOWN} if it was
   *     stopped before its time decided
   * @param completedSteps steps taken in all, those before a resumption included; after a stop, the
   *     ones that are saved
   * @param skippedSteps how many of them were skipped
   * @param best the best evaluation, or null if there was none
   * @param bestCheckpoint the checkpoint of the best evaluation, or else the newest
   */
  public record Outcome(
      boolean completed,
      long steps,
      long completedSteps,
      long skippedSteps,
      TrainingState.Best best,
      Path bestCheckpoint) {}

  /** Makes a run; nothing happens yet. */
  public TrainingRun(Options options, TrainingListener listener) {
    this.options = options;
    this.settings = options.settings();
    this.listener = listener;
  }

  /**
   * Goes without the lock of the run folder, for a file system that has none. The caller then makes
   * sure that no other trainer uses the folder.
   *
   * @return this
   */
  public TrainingRun withoutLock() {
    locks = false;
    return this;
  }

  /**
   * Sets what decides how much memory the run takes, which otherwise is as much as makes it fast.
   *
   * @return this
   */
  public TrainingRun withMemory(MemoryChoice choice) {
    memory = choice;
    return this;
  }

  /**
   * Makes this the run of several ranks, of which this process is the first; the others {@link
   * RankFollower#follow follow}. It lets them go at its end.
   *
   * @return this
   */
  public TrainingRun onRanks(RankOrders orders) {
    ranks = orders;
    return this;
  }

  /**
   * Sets the tokenizers that the settings can name and files can be of, which otherwise are those
   * that Lanewise brings.
   *
   * @return this
   */
  public TrainingRun withTokenizers(Registry<TokenizerKind> kinds) {
    tokenizers = kinds;
    return this;
  }

  /**
   * Sets the model that the settings name to begin with, for a caller that has just found it; then
   * it is not verified again, and what there is to warn of is not said twice.
   *
   * @param found null if the run is to find it
   * @return this
   */
  public TrainingRun withBase(KnownModel found) {
    base = found;
    return this;
  }

  /** Sets from which size on a table is not written anew for each checkpoint. */
  TrainingRun withLargeTables(long leastBytes) {
    leastTableBytes = leastBytes;
    return this;
  }

  /** Sets the clock of a run by minutes, in nanoseconds. */
  TrainingRun withClock(LongSupplier clock) {
    nanoTime = clock;
    return this;
  }

  /**
   * Asks the run to complete its step, save, and return; an evaluation, a sample, or the
   * preparation of the text is given up. May be called from any thread.
   */
  public void stop() {
    stopping = true;
  }

  private boolean isStopping() {
    return stopping || ranks.isStopAsked();
  }

  /**
   * Trains to the last step or until stopped, and saves.
   *
   * @throws IOException if a file cannot be read or written; the message says what to do
   * @throws NonFiniteException if training went wrong
   * @throws IllegalArgumentException if the settings do not fit the text or the folder
   */
  public Outcome run() throws IOException {
    Checkpoint[] from = new Checkpoint[1];
    try {
      return open(from, TrainingSession::train);
    } catch (StoppableProgress.StoppedException e) {
      return stoppedBefore(from[0]);
    }
  }

  /**
   * Takes a few steps of a new run and measures them. What is written into the folder meanwhile is
   * of no use for a run, so it has to be one to be thrown away.
   *
   * @return nothing if it was stopped
   * @throws IllegalArgumentException if the settings do not fit the text, or do not say how many
   *     steps there are
   */
  public Optional<RunForecast> forecast() throws IOException {
    if (settings.step().isOpen()) {
      throw new IllegalArgumentException(
          "--minutes says itself how long the run is; give --steps or --epochs");
    }
    try {
      return open(new Checkpoint[1], TrainingSession::forecast);
    } catch (StoppableProgress.StoppedException e) {
      return Optional.empty();
    }
  }

  /** What is done with a run that is ready. */
  @FunctionalInterface
  private interface Use<T> {
    T of(TrainingSession session) throws IOException;
  }

  private <T> T open(Checkpoint[] from, Use<T> use) throws IOException {
    Deadline deadline = new Deadline(settings, options.schedules(), nanoTime.getAsLong(), nanoTime);
    RunFolder folder = new RunFolder(options.folder());
    folder.requireUsable();
    if (!locks) {
      listener.onWarning(
          "the run folder is not locked, so a second trainer in it would not be noticed, and both"
              + " would do damage");
    }
    try (RunLock lock =
        locks ? RunLock.acquire(options.folder()) : RunLock.acquireWithoutLock(options.folder())) {
      CheckpointStore store = CheckpointStore.open(lock, settings.output().keep(), leastTableBytes);
      Resume resume = new Resume(options, store.catalog().reading(tokenizers), listener);
      from[0] = resume.find();
      try (RunRecorder recorder =
          new RunRecorder(folder, lock, settings, options.text(), listener::onWarning)) {
        if (from[0] == null) {
          recorder.begin(!options.resume());
        }
        store.forceRunFolder();
        return open(resume, from[0], store, recorder, deadline, use);
      }
    }
  }

  private <T> T open(
      Resume resume,
      Checkpoint start,
      CheckpointStore store,
      RunRecorder recorder,
      Deadline deadline,
      Use<T> use)
      throws IOException {
    KnownModel model = model(start);
    try (Corpus corpus = corpus(resume, start, model);
        WorkerPool pool = new WorkerPool(options.threads())) {
      if (corpus instanceof DocumentCorpus documents) {
        listener.onDocuments(documents.summary());
      }
      StepSampler sampler =
          corpus.sampler(
              settings.step().batch(),
              settings.model().context(),
              settings.step().accumulation(),
              settings.step().seed());
      Settings resolved = settings.on(sampler.windowsPerEpoch());
      resume.requireSteps(start, resolved);
      TrainingSession session =
          new TrainingSession(
              options.with(resolved),
              memory,
              listener,
              this::isStopping,
              store,
              recorder,
              corpus,
              sampler,
              model,
              pool,
              deadline,
              start != null,
              ranks);
      if (start == null) {
        FirstInputs inputs = session.firstInputs();
        resume.requireSameWeights(inputs);
        recorder.begunWith(inputs);
      } else {
        session.continueFrom(resume, start);
      }
      return use.of(session);
    }
  }

  /** The model that the run begins with, or goes on with; null if the run makes it. */
  private KnownModel model(Checkpoint start) throws IOException {
    if (settings.model().isNew()) {
      return null;
    }
    if (start != null) {
      return KnownModel.of(start);
    }
    KnownModel begun = base == null ? namedBase() : base;
    return settings.adapter().isUsed() ? begun.adaptedBy(settings.adapter(), listener) : begun;
  }

  private KnownModel namedBase() throws IOException {
    try {
      return KnownModel.wholeIn(Path.of(settings.model().from()), tokenizers, listener);
    } catch (InvalidFileException e) {
      throw new InvalidFileException(
          Path.of(e.file()),
          e.field(),
          e.problem()
              + "; a run without a checkpoint begins with the model of its --from, so put it back"
              + " there",
          e);
    }
  }

  /** Stopped while the text was prepared: nothing has been trained, so nothing is to be saved. */
  private Outcome stoppedBefore(Checkpoint start) {
    long steps = settings.step().knownSteps();
    if (start == null) {
      return new Outcome(false, steps, 0, 0, null, null);
    }
    TrainingState state = start.state();
    return new Outcome(false, steps, state.step(), state.skipped(), state.best(), start.folder());
  }

  private Corpus corpus(Resume resume, Checkpoint start, KnownModel model) throws IOException {
    RunFolder run = new RunFolder(options.folder());
    TokenizerChoice choice =
        model == null
            ? tokenizers.named(settings.text().tokenizer()).choice(settings.text().vocabulary())
            : new TokenizerChoice.Given(model.tokenizer());
    Progress progress = new StoppableProgress(listener, this::isStopping);
    CorpusBuilder.TextCheck check = sha256 -> resume.requireSameText(start, sha256);
    try {
      Optional<RunDocuments> documents = RunDocuments.in(run);
      if (options.text() != null
          && documents.isPresent() != (options.text() instanceof JsonLinesFiles)) {
        throw new IllegalArgumentException(
            "the run in %s was begun on %s; give the same --data, or begin a new run with --out"
                .formatted(run.path(), documents.isPresent() ? "JSON Lines" : "text"));
      }
      if (documents.isPresent()) {
        DocumentCorpusBuilder builder = documents(documents.get(), choice, model);
        return options.text() instanceof JsonLinesFiles files
            ? builder.build(files, progress, check)
            : resume.keptCorpus(builder.kept(listener), start);
      }
      CorpusBuilder builder =
          new CorpusBuilder(run.data(), settings.model().context()).reading(tokenizers);
      CorpusLayout layout = settings.text().layout(settings.step().seed());
      return options.text() instanceof TextSource text
          ? builder.build(text, choice, layout, progress, check)
          : resume.keptCorpus(builder.kept(choice, layout, listener), start);
    } catch (IOException e) {
      throw StorageProblem.explain(run.data(), e);
    }
  }

  private DocumentCorpusBuilder documents(
      RunDocuments documents, TokenizerChoice choice, KnownModel model) {
    return new DocumentCorpusBuilder(
        new RunFolder(options.folder()).data(),
        settings
            .text()
            .documents(settings.model().context(), settings.step().seed(), documents.begun()),
        choice,
        model == null ? null : model.folder(),
        tokenizers);
  }
}
