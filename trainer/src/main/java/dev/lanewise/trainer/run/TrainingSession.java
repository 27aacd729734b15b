package dev.lanewise.trainer.run;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.profile.MachineEvent;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.HeldWeights;
import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.generate.NonFiniteLogitsException;
import dev.lanewise.trainer.run.checkpoint.BackgroundCheckpointWriter;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.checkpoint.CheckpointStore;
import dev.lanewise.trainer.run.checkpoint.Snapshot;
import dev.lanewise.trainer.run.checkpoint.TrainingState;
import dev.lanewise.trainer.run.metrics.PeakFlops;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.NonFiniteException;
import dev.lanewise.trainer.step.NonFiniteSearch;
import dev.lanewise.trainer.step.RankOrders;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.step.TrainerParts;
import dev.lanewise.trainer.text.Corpus;
import dev.lanewise.trainer.text.token.StepSampler;
import dev.lanewise.trainer.text.token.StepTokens;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/** A run while its files are open and its threads are alive. */
final class TrainingSession {

  /** How long steps are measured, if one does not take longer. */
  private static final long MEASURED_NANOS = 15_000_000_000L;

  private final TrainingRun.Options options;
  private final TrainingListener listener;
  private final BooleanSupplier stopping;
  private final CheckpointStore store;
  private final RunRecorder recorder;
  private final Corpus corpus;
  private final RunModel model;
  private final Transformer transformer;
  private final ParameterStore weights;
  private final Trainer trainer;
  private final StepSampler sampler;
  private final RunCheckpoints checkpoints;
  private final Evaluation evaluation;
  private final NonFiniteGuard guard;
  private final Deadline deadline;
  private Settings settings;
  private RunFacts facts;
  private long completed;
  private boolean evaluationGivenUp;

  /**
   * Makes a session.
   *
   * @param sampler draws the corpus
   * @param base the model that the run begins with; null for a new one
   * @param deadline of a run by minutes
   * @param resumed whether {@link #continueFrom} will follow and fill what is trained
   * @param ranks what other processes train with this one
   */
  TrainingSession(
      TrainingRun.Options options,
      MemoryChoice memory,
      TrainingListener listener,
      BooleanSupplier stopping,
      CheckpointStore store,
      RunRecorder recorder,
      Corpus corpus,
      StepSampler sampler,
      KnownModel base,
      WorkerPool pool,
      Deadline deadline,
      boolean resumed,
      RankOrders ranks)
      throws IOException {
    this.options = options;
    this.settings = options.settings();
    this.listener = listener;
    this.stopping = stopping;
    this.store = store;
    this.recorder = recorder;
    this.corpus = corpus;
    this.deadline = deadline;
    this.model = new RunModel(settings, options.kernels(), corpus, base);
    this.transformer = model.transformer();
    this.sampler = sampler;
    warnOfRepeatedSequences();
    RunMemory chosen = memory.choose(transformer, model.storage(), corpus.validationTokens());
    HeldWeights begun = model.begin(resumed, pool, listener);
    model.tell(ranks, begun.panels(), chosen.activations());
    this.weights = begun.store();
    this.trainer =
        new Trainer(
            TrainerParts.of(settings, transformer, options.kernels(), pool, weights, begun.panels())
                .with(options.optimizers(), options.schedules())
                .with(chosen.activations())
                .with(ranks));
    this.checkpoints =
        new RunCheckpoints(
            store,
            chosen.checkpointCopy()
                ? new BackgroundCheckpointWriter(store, transformer.layout(), trainer.state())
                : new BackgroundCheckpointWriter(store),
            options.onCheckpointFailure(),
            listener);
    this.evaluation =
        new Evaluation(
            options,
            listener,
            stopping,
            recorder,
            corpus,
            model.files(),
            transformer,
            weights,
            trainer,
            pool);
    this.guard = new NonFiniteGuard(options.onNonFinite(), listener, recorder);
  }

  /** What the run is begun with; asked before the first step. */
  FirstInputs firstInputs() {
    return model.firstInputs(corpus, weights);
  }

  /** Not an error: to overfit a small text may be what the user wants. */
  private void warnOfRepeatedSequences() {
    long perStep = (long) settings.step().batch() * settings.step().accumulation();
    if (perStep > sampler.windowsPerEpoch()) {
      listener.onWarning(
          "the data has %s of --context %d and a step takes %d of them (--batch %d, --accumulation %d), so that some come twice; give more or take less"
              .formatted(
                  Counted.of(sampler.windowsPerEpoch(), "window"),
                  settings.model().context(),
                  perStep,
                  settings.step().batch(),
                  settings.step().accumulation()));
    }
  }

  /** Goes on from a checkpoint, or from one before it if its numbers cannot be read. */
  void continueFrom(Resume startingPoint, Checkpoint newest) throws IOException {
    Checkpoint start = startingPoint.read(newest, model.adapter(), trainer, corpus, settings);
    checkpoints.continueFrom(start);
    completed = start.state().step();
    guard.continueFrom(start.state());
    deadline.continueFrom(start.state());
  }

  TrainingRun.Outcome train() throws IOException {
    begin();
    String kernels = options.kernels().name();
    MachineEvent.Announcement machine =
        MachineEvent.announce(options.threads(), facts.peakGigaflops(), kernels);
    try {
      listener.onReady(facts);
      store.forceRunFolder();
      return takeSteps();
    } finally {
      machine.close();
    }
  }

  private void begin() throws IOException {
    facts =
        new RunFacts(
            transformer.config(),
            settings.model().context(),
            transformer.countParameters(),
            transformer.layout().parameters().stream()
                .filter(Parameter::trainable)
                .mapToLong(Parameter::size)
                .sum(),
            corpus.textBytes(),
            corpus.trainingTokens(),
            corpus.validationTokens(),
            trainer.shards().count(),
            trainer.sharesShards(),
            PeakFlops.measureGigaflops(options.threads()),
            completed,
            settings.step().knownSteps());
    recorder.ready(facts, settings);
  }

  /**
   * Takes some steps and looks at the model once, for the time that they take. Nothing is saved.
   *
   * @return nothing if it was stopped
   */
  Optional<RunForecast> forecast() throws IOException {
    begin();
    listener.onReady(facts);
    long began = System.nanoTime();
    // The first step finds code that is not compiled and memory that was never touched.
    step();
    double ofFirst = (System.nanoTime() - began) / 1e9;
    long first = trainer.rows();
    long exactFrom = trainer.exactFrom();
    long limit = settings.step().limit();
    double perRow = secondsPerRow(exactFrom > 0 ? exactFrom : limit, ofFirst / first);
    double ofWhole = perRow;
    if (exactFrom > 0) {
      // As the last ones will be.
      trainer.sampleAlways(false);
      double exactShare = 1 - (double) exactFrom / limit;
      ofWhole += exactShare * (secondsPerRow(limit, perRow) - perRow);
    }
    trainer.settle(completed);
    Evaluation.Seconds ofEvaluation = evaluation.measure(completed);
    if (stopping.getAsBoolean()) {
      return Optional.empty();
    }
    double windows = (double) settings.step().batch() * settings.step().accumulation();
    double perStep = windows * sampler.rowsPerEpoch() / sampler.windowsPerEpoch();
    long steps = settings.step().steps();
    return Optional.of(
        new RunForecast(
            facts,
            Math.round(perStep * steps),
            evaluations(steps),
            ofWhole * perStep,
            ofEvaluation.each(),
            Math.max(0, ofFirst - first * perRow) + ofEvaluation.exact()));
  }

  /**
   * Takes steps for a while.
   *
   * @param limit the step before which it ends at the latest
   * @param otherwise what to return if no step could be taken
   */
  private double secondsPerRow(long limit, double otherwise) throws IOException {
    long from = System.nanoTime();
    long rows = 0;
    while (!stopping.getAsBoolean()
        && completed < limit
        && (rows == 0 || System.nanoTime() - from < MEASURED_NANOS)) {
      step();
      rows += trainer.rows();
    }
    return rows == 0 ? otherwise : (System.nanoTime() - from) / 1e9 / rows;
  }

  /** At the beginning of what others have trained, on the way, and at the end. */
  private long evaluations(long steps) {
    long every = settings.output().evaluateEvery();
    return (settings.model().isNew() ? 0 : 1) + Math.ceilDiv(steps, every);
  }

  private TrainingRun.Outcome takeSteps() throws IOException {
    try {
      // Before the first step, only what others have trained is worth measuring.
      if ((completed > 0 || !settings.model().isNew()) && isEvaluationDue()) {
        evaluate();
        if (isReportDue()) {
          recorder.writeReport();
        }
      }
      deadline.start(completed, trainer.slowerWhenExact());
      while (completed < settings.step().limit() && !stopping.getAsBoolean()) {
        step();
        endInTime();
        if (isEvaluationDue()) {
          evaluate();
          deadline.evaluated();
        }
        if (isReportDue()) {
          recorder.writeReport();
        }
        if (completed % settings.output().checkpointEvery() == 0) {
          save();
        }
        checkpoints.announce();
      }
      save();
    } finally {
      checkpoints.finish();
    }
    checkpoints.requireSuccess();
    if (!guard.isSound()) {
      return stoppedUnsound();
    }
    boolean done = isAtEnd() && !evaluationGivenUp;
    return outcome(done, completed);
  }

  /** Only after a stop: a run that comes to its end like this fails. */
  private TrainingRun.Outcome stoppedUnsound() throws IOException {
    long saved = Math.max(0, checkpoints.lastStep());
    listener.onWarning(
        "what came after %s is not saved, because the last loss was not finite; these steps are taken again when the run resumes"
            .formatted(Counted.of(saved, "step")));
    return outcome(false, saved);
  }

  private TrainingRun.Outcome outcome(boolean done, long steps) throws IOException {
    return new TrainingRun.Outcome(
        done,
        settings.step().knownSteps(),
        steps,
        guard.skipped(),
        checkpoints.best(),
        checkpoints.bestFolder());
  }

  private boolean isAtEnd() {
    return completed == settings.step().limit();
  }

  private boolean isEvaluationDue() {
    return completed % settings.output().evaluateEvery() == 0 || isAtEnd();
  }

  /** At the end of the run the recorder writes one by itself. */
  private boolean isReportDue() {
    long every = settings.output().reportEvery();
    return !isAtEnd() && (every == 0 ? isEvaluationDue() : completed % every == 0);
  }

  private void step() throws IOException {
    long from = System.nanoTime();
    StepTokens drawn = sampler.draw(completed);
    try {
      trainer.step(completed, drawn);
      guard.stepTaken();
      tell(
          new StepMetrics(
              completed,
              trainer.loss(),
              trainer.learningRate(),
              trainer.gradientNorm(),
              (System.nanoTime() - from) / 1e6,
              trainer.rows(),
              trainer.counted(),
              trainer.flops()));
    } catch (NonFiniteException e) {
      guard.skip(completed, e);
    }
    completed++;
  }

  /** From here on the run is one of so many steps, for who resumes it or begins it again too. */
  private void endInTime() throws IOException {
    if (!settings.step().isOpen()) {
      return;
    }
    OptionalLong end = deadline.endIfDue(completed);
    if (end.isPresent()) {
      settings = settings.ending(end.getAsLong());
      recorder.decided(settings);
      trainer.endAfter(end.getAsLong());
      listener.onEndDecided(facts.ending(completed, end.getAsLong()));
    }
  }

  private void tell(StepMetrics metrics) throws IOException {
    if (recorder.step(metrics)) {
      listener.onWarning(
          String.format(
              Locale.ROOT, "step %d: the loss jumped to %.4f", metrics.step(), metrics.loss()));
    }
    listener.onStep(metrics);
  }

  /** Evaluates, samples, and saves if the result is the best so far. */
  private void evaluate() throws IOException {
    trainer.settle(completed);
    OptionalDouble loss = evaluation.loss();
    if (loss.isEmpty()) {
      evaluationGivenUp = true;
      return;
    }
    if (!Double.isFinite(loss.getAsDouble())) {
      guard.passOver("evaluation", evaluation.firstBadTensor(), completed, isAtEnd());
      return;
    }
    guard.evaluated();
    TrainingState.Best before = checkpoints.best();
    boolean isBest = before == null || loss.getAsDouble() <= before.loss();
    if (isBest) {
      checkpoints.setBest(new TrainingState.Best(loss.getAsDouble(), completed));
    }
    recorder.evaluation(completed, loss.getAsDouble());
    listener.onEvaluation(completed, loss.getAsDouble(), isBest);
    if (isAtEnd()) {
      evaluation.exactLoss().ifPresent(exact -> listener.onExactEvaluation(completed, exact));
    }
    try {
      evaluation.sample(completed);
    } catch (NonFiniteLogitsException e) {
      checkpoints.setBest(before);
      String bad = NonFiniteSearch.inWeights(weights);
      guard.passOver("sample", bad == null ? "the logits" : bad, completed, isAtEnd());
    }
    if (isBest) {
      save();
    }
  }

  /** Hands the state to the background writer, after the checkpoint before it is done. */
  private void save() throws IOException {
    if (!guard.isSound() || checkpoints.hasTried(completed)) {
      return;
    }
    checkpoints.await();
    Snapshot snapshot = snapshot();
    NonFiniteGuard.requireFinite(snapshot);
    recorder.force();
    checkpoints.write(snapshot);
  }

  private Snapshot snapshot() {
    trainer.settle(completed);
    trainer.collect();
    TrainingState state =
        new TrainingState(
            completed,
            checkpoints.best(),
            guard.skipped(),
            guard.skippedInARow(),
            settings,
            corpus.tokenizer().fingerprint(),
            corpus.textFingerprint(),
            deadline.seconds());
    return new Snapshot(
        state, model.files(), corpus.tokenizer(), model.adapter(), weights, trainer.state());
  }
}
