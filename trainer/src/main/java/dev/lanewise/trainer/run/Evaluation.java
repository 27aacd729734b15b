package dev.lanewise.trainer.run;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.ModelFiles;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.generate.SamplingOptions;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.Evaluator;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.text.Corpus;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.token.EvaluationTokens;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import java.io.IOException;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/**
 * Looks at the model of a run between its steps: the loss on the validation text, and a sample of
 * what it writes. What follows from it is for {@link TrainingSession} to decide.
 */
final class Evaluation {

  private final Settings settings;
  private final TrainingListener listener;
  private final BooleanSupplier stopping;
  private final RunRecorder recorder;
  private final Evaluator evaluator;
  private final EvaluationTokens drawn;
  private final EvaluationTokens all;
  private final Generator generator;
  private final boolean sampling;

  Evaluation(
      TrainingRun.Options options,
      TrainingListener listener,
      BooleanSupplier stopping,
      RunRecorder recorder,
      Corpus corpus,
      ModelFiles model,
      Transformer transformer,
      ParameterStore weights,
      Trainer trainer,
      WorkerPool pool) {
    this.settings = options.settings();
    this.listener = listener;
    this.stopping = stopping;
    this.recorder = recorder;
    this.evaluator = trainer.evaluator();
    this.all = corpus.validationWindows(settings.model().context());
    long tokensPerStep =
        (long) settings.step().batch()
            * settings.step().accumulation()
            * settings.model().context();
    this.drawn =
        all.drawn(settings.output().tokensOfAnEvaluation(tokensPerStep), settings.step().seed());
    this.generator =
        new Generator(
            transformer,
            options.kernels(),
            weights,
            trainer.panels(),
            Precision.F32,
            corpus.tokenizer(),
            model.endTokens(),
            pool);
    this.sampling = settings.output().sampleTokens() > 0 && canBeginSamples(corpus);
  }

  /** A prompt that the text knows nothing of must not end a run at its first sample. */
  private boolean canBeginSamples(Corpus corpus) {
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

  /** The loss on the part of the validation text that evaluations read; none after a stop. */
  OptionalDouble loss() {
    return evaluator.evaluate(drawn, stopping, listener);
  }

  /** The loss on the whole validation text; none after a stop, or if {@link #loss} read it all. */
  OptionalDouble exactLoss() {
    return drawn.count() < all.count()
        ? evaluator.evaluate(all, stopping, listener)
        : OptionalDouble.empty();
  }

  /**
   * What an evaluation takes.
   *
   * @param each of those on the way, with its sample
   * @param exact of {@link #exactLoss} at the end
   */
  record Seconds(double each, double exact) {}

  /** Evaluates and lets the model write, for the time that it takes. */
  Seconds measure(long step) throws IOException {
    long began = System.nanoTime();
    loss();
    double ofLoss = (System.nanoTime() - began) / 1e9;
    sample(step);
    double each = (System.nanoTime() - began) / 1e9;
    boolean isAll = drawn.count() == all.count();
    return new Seconds(each, isAll ? 0 : ofLoss * all.targets() / drawn.targets());
  }

  /** The tensor that made {@link #loss} something that is not a number. */
  String firstBadTensor() {
    return evaluator.firstBadTensor(drawn);
  }

  /**
   * Lets the model write, if that is asked for.
   *
   * @param step how many steps the model has taken
   */
  void sample(long step) throws IOException {
    if (!sampling || stopping.getAsBoolean()) {
      return;
    }
    String prompt = TextSource.clean(settings.output().prompt());
    StringBuilder text = new StringBuilder();
    Generator.Result result =
        generator.generate(
            prompt,
            settings.output().sampleTokens(),
            SamplingOptions.seeded(settings.step().seed()),
            stopping,
            text::append);
    if (!result.stopped()) {
      recorder.sample(step, prompt, text.toString());
      listener.onSample(step, prompt + text);
    }
  }
}
