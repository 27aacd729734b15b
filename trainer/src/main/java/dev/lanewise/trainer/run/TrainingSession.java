package dev.lanewise.trainer.run;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.profile.MachineEvent;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.ModelFiles;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.generate.NonFiniteLogitsException;
import dev.lanewise.trainer.generate.SamplingOptions;
import dev.lanewise.trainer.run.checkpoint.BackgroundCheckpointWriter;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.checkpoint.CheckpointStore;
import dev.lanewise.trainer.run.checkpoint.Snapshot;
import dev.lanewise.trainer.run.checkpoint.TrainingState;
import dev.lanewise.trainer.run.metrics.PeakFlops;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.Evaluator;
import dev.lanewise.trainer.step.NonFiniteException;
import dev.lanewise.trainer.step.NonFiniteSearch;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.text.Corpus;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.token.BatchSampler;
import dev.lanewise.trainer.text.token.ValidationWindows;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import java.io.IOException;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/** A run while its files are open and its threads are alive. */
final class TrainingSession {

  private static final int MOST_SKIPS_IN_A_ROW = 10;

  private static final String BEGIN_ANEW =
      "begin a new run (another --out) with a lower learning rate (--lr), a longer warmup"
          + " (--warmup) or stronger clipping (--clip), which --resume does not change.";

  private final TrainingRun.Options options;
  private final Settings settings;
  private final TrainingListener listener;
  private final BooleanSupplier stopping;
  private final CheckpointStore store;
  private final RunRecorder recorder;
  private final Corpus corpus;
  private final ModelFiles model;
  private final Transformer transformer;
  private final ParameterStore weights;
  private final Trainer trainer;
  private final Evaluator evaluator;
  private final BatchSampler sampler;
  private final ValidationWindows validation;
  private final ValidationWindows allOfValidation;
  private final RunCheckpoints checkpoints;
  private final Generator generator;
  private final boolean sampling;
  private final int[][] microBatches;
  private long completed;
  private boolean evaluationGivenUp;
  private int skippedInARow;
  private long skipped;

  /**
   * Whether the last loss that was computed is finite. If not, the weights may be of no use, and a
   * checkpoint of them must not take the place of a good one.
   */
  private boolean sound = true;

  /**
   * Makes a session.
   *
   * @param base the model that the run begins with; null for a new one
   * @param resumed whether {@link #continueFrom} will follow and fill the weights
   */
  TrainingSession(
      TrainingRun.Options options,
      MemoryChoice memory,
      TrainingListener listener,
      BooleanSupplier stopping,
      CheckpointStore store,
      RunRecorder recorder,
      Corpus corpus,
      KnownModel base,
      WorkerPool pool,
      boolean resumed)
      throws IOException {
    this.options = options;
    this.settings = options.settings();
    this.listener = listener;
    this.stopping = stopping;
    this.store = store;
    this.recorder = recorder;
    this.corpus = corpus;
    this.model =
        base == null
            ? ModelFiles.of(
                settings.model().description(corpus.tokenizer().vocabularySize()),
                corpus.tokenizer().endToken())
            : base.files();
    this.sampler =
        new BatchSampler(
            corpus.training(),
            settings.step().batch(),
            settings.model().context(),
            settings.step().seed());
    warnOfRepeatedSequences();
    this.allOfValidation = new ValidationWindows(corpus.validation(), settings.model().context());
    this.validation =
        allOfValidation.drawn(
            settings
                .output()
                .tokensOfAnEvaluation(
                    (long) settings.step().batch()
                        * settings.step().accumulation()
                        * settings.model().context()),
            settings.step().seed());
    this.transformer =
        new Transformer(
            base == null
                ? model.description().config()
                : base.trainedOn(settings.model().context(), settings.model().dropout()),
            options.kernels(),
            Trainer.sequencesPerPass(settings),
            settings.model().context());
    RunMemory chosen = memory.choose(transformer, corpus.validation().size());
    this.weights = resumed ? new ParameterStore(transformer.layout()) : firstWeights(base);
    this.trainer =
        new Trainer(
            settings,
            options.optimizers(),
            options.schedules(),
            transformer,
            options.kernels(),
            pool,
            weights,
            chosen.activations());
    this.evaluator = trainer.evaluator();
    this.checkpoints =
        new RunCheckpoints(
            store,
            chosen.checkpointCopy()
                ? new BackgroundCheckpointWriter(
                    store, transformer.layout(), trainer.optimizer().state())
                : new BackgroundCheckpointWriter(store),
            options.onCheckpointFailure(),
            listener);
    this.generator =
        new Generator(
            transformer,
            options.kernels(),
            weights,
            trainer.panels(),
            corpus.tokenizer(),
            model.endTokens(),
            pool);
    this.sampling = settings.output().sampleTokens() > 0 && canBeginSamples();
    this.microBatches =
        new int[settings.step().accumulation()]
            [settings.step().batch() * (settings.model().context() + 1)];
  }

  private ParameterStore firstWeights(KnownModel base) throws IOException {
    return base == null
        ? transformer.initialize(settings.step().seed())
        : base.readWeights(transformer, listener::onWarning, listener);
  }

  /** A prompt that the text knows nothing of must not end a run at its first sample. */
  private boolean canBeginSamples() {
    try {
      int tokens = corpus.tokenizer().encode(TextSource.clean(settings.output().prompt())).length;
      if (tokens > settings.model().context()) {
        listener.onWarning(
            "the --prompt has %d tokens, and the model sees --context %d of them: samples go on from its end"
                .formatted(tokens, settings.model().context()));
      }
      return true;
    } catch (UnknownCharacterException e) {
      listener.onWarning("there will be no samples, because of the --prompt: " + e.getMessage());
      return false;
    }
  }

  /** Not an error: to overfit a small text may be what the user wants. */
  private void warnOfRepeatedSequences() {
    long perStep = (long) settings.step().batch() * settings.step().accumulation();
    if (perStep > sampler.windowsPerEpoch()) {
      listener.onWarning(
          "the text has %d sequences of --context %d and a step takes %d of them (--batch %d, --accumulation %d), so that some come twice; give more text or take less"
              .formatted(
                  sampler.windowsPerEpoch(),
                  settings.model().context(),
                  perStep,
                  settings.step().batch(),
                  settings.step().accumulation()));
    }
  }

  /** Goes on from a checkpoint, or from one before it if its numbers cannot be read. */
  void continueFrom(Resume startingPoint, Checkpoint newest) throws IOException {
    Checkpoint start = startingPoint.read(newest, trainer, corpus);
    checkpoints.continueFrom(start);
    completed = start.state().step();
    skipped = start.state().skipped();
    skippedInARow = start.state().skippedInARow();
  }

  TrainingRun.Outcome train() throws IOException {
    RunFacts facts =
        new RunFacts(
            transformer.config(),
            settings.model().context(),
            transformer.countParameters(),
            corpus.textBytes(),
            corpus.training().size(),
            corpus.validation().size(),
            trainer.shards().count(),
            trainer.sharesShards(),
            PeakFlops.measureGigaflops(options.threads()),
            completed,
            settings.step().steps());
    recorder.ready(facts, settings);
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

  private TrainingRun.Outcome takeSteps() throws IOException {
    try {
      // Before the first step, only what others have trained is worth measuring.
      if ((completed > 0 || !settings.model().isNew()) && isEvaluationDue()) {
        evaluate();
        if (isReportDue()) {
          recorder.writeReport();
        }
      }
      while (completed < settings.step().steps() && !stopping.getAsBoolean()) {
        step();
        if (isEvaluationDue()) {
          evaluate();
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
    if (!sound) {
      return stoppedUnsound();
    }
    boolean done = completed == settings.step().steps() && !evaluationGivenUp;
    return outcome(done, completed);
  }

  /** Only after a stop: a run that comes to its end like this fails. */
  private TrainingRun.Outcome stoppedUnsound() throws IOException {
    long saved = Math.max(0, checkpoints.lastStep());
    listener.onWarning(
        "what came after %d steps is not saved, because the last loss was not finite; these steps are taken again when the run resumes"
            .formatted(saved));
    return outcome(false, saved);
  }

  private TrainingRun.Outcome outcome(boolean done, long steps) throws IOException {
    return new TrainingRun.Outcome(
        done,
        settings.step().steps(),
        steps,
        skipped,
        checkpoints.best(),
        checkpoints.bestFolder());
  }

  private boolean isEvaluationDue() {
    return completed % settings.output().evaluateEvery() == 0
        || completed == settings.step().steps();
  }

  /** At the end of the run the recorder writes one by itself. */
  private boolean isReportDue() {
    long every = settings.output().reportEvery();
    return completed < settings.step().steps()
        && (every == 0 ? isEvaluationDue() : completed % every == 0);
  }

  private void step() throws IOException {
    long from = System.nanoTime();
    for (int a = 0; a < microBatches.length; a++) {
      sampler.draw(completed * microBatches.length + a, microBatches[a]);
    }
    try {
      trainer.step(completed, microBatches);
      skippedInARow = 0;
      sound = true;
      tell(
          new StepMetrics(
              completed,
              trainer.loss(),
              trainer.learningRate(),
              trainer.gradientNorm(),
              (System.nanoTime() - from) / 1e6,
              trainer.targetsPerStep(),
              trainer.flopsPerStep()));
    } catch (NonFiniteException e) {
      skip(e);
    }
    completed++;
  }

  private void tell(StepMetrics metrics) throws IOException {
    if (recorder.step(metrics)) {
      listener.onWarning(
          String.format(
              Locale.ROOT, "step %d: the loss jumped to %.4f", metrics.step(), metrics.loss()));
    }
    listener.onStep(metrics);
  }

  private void skip(NonFiniteException problem) throws IOException {
    if (options.onNonFinite() == NonFinitePolicy.STOP) {
      throw problem.withAdvice(
          "Resume with --on-non-finite=skip, which leaves such steps out, or " + BEGIN_ANEW);
    }
    if (++skippedInARow > MOST_SKIPS_IN_A_ROW) {
      throw problem.withAdvice(
          "It was not skipped, because %d steps in a row were. Skipping does not help here: %s"
              .formatted(MOST_SKIPS_IN_A_ROW, BEGIN_ANEW));
    }
    skipped++;
    sound = false;
    recorder.skipped(completed, problem.getMessage());
    listener.onSkippedStep(completed, problem.getMessage());
  }

  /** Evaluates, samples, and saves if the result is the best so far. */
  private void evaluate() throws IOException {
    OptionalDouble loss = lossOn(validation);
    if (loss.isEmpty()) {
      evaluationGivenUp = true;
      return;
    }
    if (!Double.isFinite(loss.getAsDouble())) {
      passOver("evaluation", evaluator.firstBadTensor(validation));
      return;
    }
    sound = true;
    TrainingState.Best before = checkpoints.best();
    boolean isBest = before == null || loss.getAsDouble() <= before.loss();
    if (isBest) {
      checkpoints.setBest(new TrainingState.Best(loss.getAsDouble(), completed));
    }
    recorder.evaluation(completed, loss.getAsDouble());
    listener.onEvaluation(completed, loss.getAsDouble(), isBest);
    if (completed == settings.step().steps() && validation.count() < allOfValidation.count()) {
      lossOn(allOfValidation).ifPresent(exact -> listener.onExactEvaluation(completed, exact));
    }
    try {
      sample();
    } catch (NonFiniteLogitsException e) {
      checkpoints.setBest(before);
      String bad = NonFiniteSearch.inWeights(weights);
      passOver("sample", bad == null ? "the logits" : bad);
    }
    if (isBest) {
      save();
    }
  }

  private OptionalDouble lossOn(ValidationWindows windows) {
    return evaluator.evaluate(windows, stopping, listener);
  }

  /** An evaluation or a sample went wrong: there is no step to skip, but there may be a next. */
  private void passOver(String what, String tensor) {
    sound = false;
    NonFiniteException problem =
        new NonFiniteException(
            completed,
            tensor,
            "%s after %d steps: the first tensor that is not finite is %s."
                .formatted(what, completed, tensor));
    if (completed == settings.step().steps()) {
      throw problem.withAdvice("The run has come to its end; " + BEGIN_ANEW);
    }
    if (options.onNonFinite() == NonFinitePolicy.STOP) {
      throw problem.withAdvice(
          "Resume with --on-non-finite=skip, which goes on all the same, or " + BEGIN_ANEW);
    }
    listener.onWarning(problem.getMessage() + " The run goes on, but this state is not saved.");
  }

  private void sample() throws IOException {
    if (!sampling || stopping.getAsBoolean()) {
      return;
    }
    String prompt = settings.output().prompt();
    StringBuilder text = new StringBuilder();
    Generator.Result result =
        generator.generate(
            prompt,
            settings.output().sampleTokens(),
            SamplingOptions.seeded(settings.step().seed()),
            stopping,
            text::append);
    if (!result.stopped()) {
      recorder.sample(completed, prompt, text.toString());
      listener.onSample(completed, prompt + text);
    }
  }

  /** Hands the state to the background writer, after the checkpoint before it is done. */
  private void save() throws IOException {
    if (!sound || checkpoints.hasTried(completed)) {
      return;
    }
    checkpoints.await();
    requireFiniteState();
    recorder.force();
    TrainingState state =
        new TrainingState(
            completed,
            checkpoints.best(),
            skipped,
            skippedInARow,
            settings,
            corpus.tokenizer().fingerprint(),
            corpus.textFingerprint());
    checkpoints.write(
        new Snapshot(state, model, corpus.tokenizer(), weights, trainer.optimizer().state()));
  }

  /** An update can overflow although loss and gradient are finite, and nothing mends that. */
  private void requireFiniteState() {
    String bad = NonFiniteSearch.inWeights(weights);
    if (bad == null) {
      bad = NonFiniteSearch.inState(trainer.optimizer().state());
    }
    if (bad != null) {
      throw new NonFiniteException(
              completed,
              bad,
              "checkpoint after %d steps: the first tensor that is not finite is %s, so it is not written and the one before it stays."
                  .formatted(completed, bad))
          .withAdvice("An update was too large, which no skipping mends; " + BEGIN_ANEW);
    }
  }
}
