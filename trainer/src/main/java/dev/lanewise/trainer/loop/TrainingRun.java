package dev.lanewise.trainer.loop;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Gpt;
import dev.lanewise.model.GptConfig;
import dev.lanewise.trainer.checkpoint.BackgroundCheckpointWriter;
import dev.lanewise.trainer.checkpoint.Checkpoint;
import dev.lanewise.trainer.checkpoint.CheckpointCatalog;
import dev.lanewise.trainer.checkpoint.CheckpointStore;
import dev.lanewise.trainer.checkpoint.RunLock;
import dev.lanewise.trainer.checkpoint.Snapshot;
import dev.lanewise.trainer.checkpoint.StorageProblem;
import dev.lanewise.trainer.checkpoint.TrainingState;
import dev.lanewise.trainer.config.TrainingConfig;
import dev.lanewise.trainer.data.BatchSampler;
import dev.lanewise.trainer.data.Corpus;
import dev.lanewise.trainer.data.CorpusBuilder;
import dev.lanewise.trainer.data.TextSource;
import dev.lanewise.trainer.data.TokenizerChoice;
import dev.lanewise.trainer.data.ValidationWindows;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.generate.SamplingOptions;
import dev.lanewise.trainer.tokenizer.BytePairTokenizer;
import dev.lanewise.trainer.tokenizer.UnknownCharacterException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.OptionalDouble;

/**
 * A training run in a folder, from text to trained model: prepares the corpus, takes the steps,
 * evaluates, samples and saves, and can be stopped and resumed at any step without a trace in the
 * result.
 *
 * <p>At a resumed step that is due for an evaluation the evaluation is made again, because a run
 * that was killed may not have come to it; it is exact, so it gives the same figure.
 */
public final class TrainingRun {

  private static final int MOST_SKIPS_IN_A_ROW = 10;

  private final Settings settings;
  private final TrainingConfig config;
  private final TrainingListener listener;
  private volatile boolean stopping;

  /**
   * What a run is made of.
   *
   * @param config decides the result
   * @param folder of the run; created if need be
   * @param text to train on; when resuming, the same as before
   * @param threads workers; does not change the result
   * @param kernels do not change the result either
   * @param resume whether to continue from the newest checkpoint
   * @param onNonFinite what to do when training goes wrong
   * @param onCheckpointFailure what to do when a checkpoint cannot be written
   */
  public record Settings(
      TrainingConfig config,
      Path folder,
      TextSource text,
      int threads,
      KernelSet kernels,
      boolean resume,
      NonFinitePolicy onNonFinite,
      CheckpointFailurePolicy onCheckpointFailure) {}

  /**
   * How a run ended.
   *
   * @param completed false if it was stopped before its last step
   * @param completedSteps steps taken in all, those before a resumption included
   * @param skippedSteps how many of them were skipped, in this process
   * @param best the best evaluation, or null if there was none
   * @param bestCheckpoint the checkpoint of the best evaluation, or else the newest
   */
  public record Outcome(
      boolean completed,
      long completedSteps,
      long skippedSteps,
      TrainingState.Best best,
      Path bestCheckpoint) {}

  /** Makes a run; nothing happens yet. */
  public TrainingRun(Settings settings, TrainingListener listener) {
    this.settings = settings;
    this.config = settings.config();
    this.listener = listener;
  }

  /**
   * Asks the run to complete its step, save, and return; an evaluation or a sample is given up. May
   * be called from any thread.
   */
  public void stop() {
    stopping = true;
  }

  /**
   * Trains to the last step or until stopped, and saves.
   *
   * @throws IOException if a file cannot be read or written; the message says what to do
   * @throws NonFiniteException if training went wrong
   * @throws IllegalArgumentException if the settings do not fit the text or the folder
   */
  public Outcome run() throws IOException {
    try (RunLock lock = RunLock.acquire(settings.folder())) {
      CheckpointStore store = CheckpointStore.open(lock, config.keep());
      Checkpoint start = startingPoint(store.catalog());
      listener.onBegin(start == null ? 0 : start.state().step());
      try (Corpus corpus = corpus();
          WorkerPool pool = new WorkerPool(settings.threads())) {
        return new Session(store, start, corpus, pool).train();
      }
    }
  }

  private Checkpoint startingPoint(CheckpointCatalog catalog) throws IOException {
    if (!settings.resume()) {
      if (!catalog.list().isEmpty()) {
        throw new IllegalArgumentException(
            "%s already holds a run; continue it with --resume, or choose another folder with --out"
                .formatted(settings.folder()));
      }
      return null;
    }
    CheckpointCatalog.Search search = catalog.newest();
    for (IOException damaged : search.damaged()) {
      listener.onWarning(
          "a checkpoint is damaged and the one before it is used: " + damaged.getMessage());
    }
    if (!search.isFound()) {
      if (!catalog.list().isEmpty()) {
        throw new IOException("no checkpoint in " + catalog.folder() + " can be used");
      }
      listener.onWarning(
          "there is no checkpoint in %s yet; the run begins at step 0".formatted(catalog.folder()));
      return null;
    }
    requireSameRun(search.found().state().config());
    return search.found();
  }

  /** The length of a run and its habits may change when it is resumed; what it computes may not. */
  private void requireSameRun(TrainingConfig begun) {
    if (!begun.withHabitsOf(config).equals(config)) {
      throw new IllegalArgumentException(
          "the run in %s was begun with other settings; resume it with the ones in its config.yaml (begun: %s; now: %s)"
              .formatted(settings.folder(), begun, config));
    }
    if (begun.steps() != config.steps()) {
      listener.onWarning(
          "the run was begun with %d steps and is resumed with %d, which changes its learning rate from here on"
              .formatted(begun.steps(), config.steps()));
    }
  }

  private Corpus corpus() throws IOException {
    Path folder = settings.folder().resolve("data");
    CorpusBuilder builder = new CorpusBuilder(folder, config.context());
    TokenizerChoice choice =
        switch (config.tokenizer()) {
          case BPE -> new TokenizerChoice.BytePairs(config.vocabulary());
          case CHAR -> new TokenizerChoice.Characters();
          case GPT2 -> new TokenizerChoice.Given(BytePairTokenizer.gpt2());
        };
    try {
      return builder.build(settings.text(), choice, listener::onTokenizer);
    } catch (IOException e) {
      throw StorageProblem.explain(folder, e);
    }
  }

  /** The run while its files are open and its threads are alive. */
  private final class Session {

    private final CheckpointStore store;
    private final Checkpoint start;
    private final Corpus corpus;
    private final Gpt gpt;
    private final ParameterStore weights;
    private final Trainer trainer;
    private final Evaluator evaluator;
    private final BatchSampler sampler;
    private final ValidationWindows validation;
    private final BackgroundCheckpointWriter writer;
    private final Generator generator;
    private final boolean sampling;
    private final int[][] microBatches;
    private long completed;
    private TrainingState.Best best;
    private long saved = -1;
    private boolean saving;
    private boolean evaluationGivenUp;
    private int skippedInARow;
    private long skipped;
    private IOException lastFailure;

    Session(CheckpointStore store, Checkpoint start, Corpus corpus, WorkerPool pool)
        throws IOException {
      this.store = store;
      this.start = start;
      this.corpus = corpus;
      requireSameData();
      GptConfig shape = config.gptConfig(corpus.tokenizer().vocabularySize());
      this.sampler =
          new BatchSampler(corpus.training(), config.batch(), config.context(), config.seed());
      warnOfRepeatedSequences();
      this.validation = new ValidationWindows(corpus.validation(), config.context());
      this.gpt = new Gpt(shape, settings.kernels(), Trainer.sequencesPerPass(config));
      listener.onPlanned(gpt, corpus.validation().size());
      this.weights = start == null ? gpt.initialize(config.seed()) : start.readWeights(gpt);
      this.trainer = new Trainer(config, gpt, settings.kernels(), pool, weights);
      if (start != null) {
        start.readMoments(trainer.optimizer().firstMoment(), trainer.optimizer().secondMoment());
        completed = start.state().step();
        best = start.state().best();
        saved = completed;
      }
      this.evaluator = trainer.evaluator();
      this.writer = new BackgroundCheckpointWriter(store, gpt.layout());
      this.generator =
          new Generator(
              gpt, settings.kernels(), weights, trainer.panels(), corpus.tokenizer(), pool);
      this.sampling = config.sampleTokens() > 0 && canBeginSamples();
      this.microBatches = new int[config.accumulation()][config.batch() * (config.context() + 1)];
    }

    /** A prompt that the text knows nothing of must not end a run at its first sample. */
    private boolean canBeginSamples() {
      try {
        corpus.tokenizer().encode(config.prompt());
        return true;
      } catch (UnknownCharacterException e) {
        listener.onWarning("there will be no samples, because of the --prompt: " + e.getMessage());
        return false;
      }
    }

    /** Not an error: to overfit a small text may be what the user wants. */
    private void warnOfRepeatedSequences() {
      long perStep = (long) config.batch() * config.accumulation();
      if (perStep > sampler.windowsPerEpoch()) {
        listener.onWarning(
            "the text has %d sequences of --context %d and a step takes %d of them (--batch %d, --accumulation %d), so that some come twice; give more text or take less"
                .formatted(
                    sampler.windowsPerEpoch(),
                    config.context(),
                    perStep,
                    config.batch(),
                    config.accumulation()));
      }
    }

    private void requireSameData() {
      if (start == null) {
        return;
      }
      TrainingState state = start.state();
      if (!state.dataFingerprint().equals(corpus.textFingerprint())) {
        throw new IllegalArgumentException(
            "the text is not the one that the run in %s was begun with; give the same --data, or begin a new run with --out"
                .formatted(settings.folder()));
      }
      if (!state.tokenizerFingerprint().equals(corpus.tokenizer().fingerprint())) {
        throw new IllegalArgumentException(
            "the tokenizer is not the one that the run in %s was begun with"
                .formatted(settings.folder()));
      }
    }

    Outcome train() throws IOException {
      listener.onReady(
          new RunFacts(
              gpt.config(),
              gpt.countParameters(),
              corpus.textBytes(),
              corpus.training().size(),
              corpus.validation().size(),
              trainer.shards().count(),
              completed,
              config.steps()));
      try {
        if (completed > 0 && isEvaluationDue()) {
          evaluate();
        }
        while (completed < config.steps() && !stopping) {
          step();
          if (isEvaluationDue()) {
            evaluate();
          }
          if (completed % config.checkpointEvery() == 0 && saved != completed) {
            save();
          }
          announce();
        }
        if (saved != completed) {
          save();
        }
      } finally {
        awaitCheckpoint();
      }
      if (lastFailure != null) {
        throw lastFailure;
      }
      boolean done = completed == config.steps() && !evaluationGivenUp;
      return new Outcome(done, completed, skipped, best, bestCheckpoint());
    }

    private boolean isEvaluationDue() {
      return completed % config.evaluateEvery() == 0 || completed == config.steps();
    }

    private void step() {
      long from = System.nanoTime();
      for (int a = 0; a < microBatches.length; a++) {
        sampler.draw(completed * microBatches.length + a, microBatches[a]);
      }
      try {
        trainer.step(completed, microBatches);
        skippedInARow = 0;
        listener.onStep(
            new StepMetrics(
                completed,
                trainer.loss(),
                trainer.learningRate(),
                trainer.gradientNorm(),
                (System.nanoTime() - from) / 1e6,
                trainer.targetsPerStep(),
                trainer.flopsPerStep()));
      } catch (NonFiniteException e) {
        if (settings.onNonFinite() == NonFinitePolicy.STOP
            || ++skippedInARow > MOST_SKIPS_IN_A_ROW) {
          throw e;
        }
        skipped++;
        listener.onSkippedStep(completed, e.getMessage());
      }
      completed++;
    }

    /** Evaluates, samples, and saves if the result is the best so far. */
    private void evaluate() throws IOException {
      OptionalDouble loss = evaluator.evaluate(validation, () -> stopping);
      if (loss.isEmpty()) {
        evaluationGivenUp = true;
        return;
      }
      boolean isBest = best == null || loss.getAsDouble() <= best.loss();
      if (isBest) {
        best = new TrainingState.Best(loss.getAsDouble(), completed);
      }
      listener.onEvaluation(completed, loss.getAsDouble(), isBest);
      sample();
      if (isBest && saved != completed) {
        save();
      }
    }

    private void sample() {
      if (!sampling || stopping) {
        return;
      }
      StringBuilder text = new StringBuilder(config.prompt());
      Generator.Result result =
          generator.generate(
              config.prompt(),
              config.sampleTokens(),
              SamplingOptions.seeded(config.seed()),
              () -> stopping,
              text::append);
      if (!result.stopped()) {
        listener.onSample(completed, text.toString());
      }
    }

    /** Hands the state to the background writer, after the checkpoint before it is done. */
    private void save() throws IOException {
      awaitCheckpoint();
      stopOnFailure();
      listener.onSaving(completed);
      TrainingState state =
          new TrainingState(
              completed, best, config, corpus.tokenizer().fingerprint(), corpus.textFingerprint());
      writer.save(
          new Snapshot(
              state,
              corpus.tokenizer(),
              weights,
              trainer.optimizer().firstMoment(),
              trainer.optimizer().secondMoment()));
      saved = completed;
      saving = true;
    }

    /** Tells of a checkpoint that has been written meanwhile, or of its failure. */
    private void announce() throws IOException {
      if (!writer.isBusy()) {
        awaitCheckpoint();
        stopOnFailure();
      }
    }

    private void stopOnFailure() throws IOException {
      if (lastFailure != null && settings.onCheckpointFailure() == CheckpointFailurePolicy.STOP) {
        throw lastFailure;
      }
    }

    private void awaitCheckpoint() {
      if (!saving) {
        return;
      }
      saving = false;
      try {
        writer.flush();
        lastFailure = null;
        listener.onCheckpoint(saved, store.catalog().list().get(saved));
      } catch (IOException e) {
        listener.onWarning(e.getMessage());
        lastFailure = e;
      }
    }

    private Path bestCheckpoint() throws IOException {
      NavigableMap<Long, Path> all = store.catalog().list();
      if (best != null && all.containsKey(best.step())) {
        return all.get(best.step());
      }
      return all.isEmpty() ? null : all.lastEntry().getValue();
    }
  }
}
