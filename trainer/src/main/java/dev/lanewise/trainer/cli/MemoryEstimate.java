package dev.lanewise.trainer.cli;

import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * How much heap a run will take, so that one that cannot fit does not begin. A {@link Transformer}
 * knows its sizes before anything of it is allocated.
 *
 * @param heap bytes that the run may take
 * @param recompute how activations may be kept
 */
record MemoryEstimate(Settings config, int threads, long heap, Recompute recompute) {

  private static final long REST = 64L << 20;

  /** The fewest ids that the tokenizer of a run can turn out to have, or all that are asked for. */
  int vocabularyBeforeTheText() {
    return switch (config.text().tokenizer()) {
      case BPE -> config.text().vocabulary();
      case CHAR -> 1;
      case GPT2 -> BytePairTokenizer.GPT2_VOCABULARY;
    };
  }

  /**
   * The new model that the settings ask for, if it fits into the heap.
   *
   * @throws IllegalArgumentException that names the options when arrays or the heap cannot hold it
   */
  Transformer requireFits(KernelSet kernels, int vocabularySize) {
    Transformer transformer;
    try {
      transformer = transformer(kernels, config.model().description(vocabularySize).config());
    } catch (ArithmeticException e) {
      String problem = "a matrix is larger than an array; make the model smaller";
      throw tooLarge(vocabularySize, problem, e);
    } catch (IllegalArgumentException e) {
      throw tooLarge(vocabularySize, e.getMessage(), e);
    }
    choose(transformer, 0);
    return transformer;
  }

  /**
   * Requires that a model to begin with can be trained in the heap.
   *
   * @throws IllegalArgumentException that says what it takes and how to allow it
   */
  void requireFits(KernelSet kernels, TransformerConfig base) {
    choose(transformer(kernels, base), 0);
  }

  private Transformer transformer(KernelSet kernels, TransformerConfig model) {
    return new Transformer(
        model, kernels, Trainer.sequencesPerPass(config), config.model().context());
  }

  private IllegalArgumentException tooLarge(
      int vocabularySize, String problem, RuntimeException cause) {
    return new IllegalArgumentException(
        "--context %d, --d-model %d, --d-ff %d, --layers %d and a vocabulary of %d are too much together: %s"
            .formatted(
                config.model().context(),
                config.model().width(),
                config.model().feedForwardWidth(),
                config.model().layers(),
                vocabularySize,
                problem),
        cause);
  }

  /**
   * Estimates the bytes of a run: weights, their packed form for forward and backward, gradients of
   * each shard, optimizer state, a copy for checkpoints, activations of the workers, keys and
   * values for samples, the tokens of a step, and a loss of each pass of an evaluation.
   *
   * @param validationTokens 0 when they are not known yet
   */
  long bytes(Transformer transformer, Use use, long validationTokens) {
    int states = Optimizers.STANDARD.named(config.optimizer().kind()).states();
    int shards = Trainer.shards(config).count();
    long trained = transformer.layout().trainableSize();
    // Of weights and of what the optimizer remembers there is a copy for checkpoints.
    long floats = 2 * (transformer.countParameters() + states * trained) + shards * trained;
    long tokens =
        (long) config.step().accumulation()
            * config.step().batch()
            * (config.model().context() + 1);
    long losses =
        validationTokens / ((long) transformer.sequencesPerPass() * config.model().context());
    return Float.BYTES * floats
        + transformer.panelBytes(true)
        + Integer.BYTES * tokens
        + sampleBytes(transformer)
        + Trainer.activationBytes(config, transformer, use, threads)
        + Double.BYTES * losses
        + REST;
  }

  /** Keys and values of a sample; its prompt has no more tokens than bytes. */
  private long sampleBytes(Transformer transformer) {
    int tokens = config.output().sampleTokens();
    if (tokens == 0) {
      return 0;
    }
    long prompt = config.output().prompt().getBytes(StandardCharsets.UTF_8).length;
    long positions = Math.min(prompt + tokens, transformer.config().contextLength());
    return transformer.passes().decodingBytes((int) positions);
  }

  /**
   * Chooses how activations are kept, so that the run fits into the heap.
   *
   * @param validationTokens 0 when they are not known yet
   * @throws IllegalArgumentException that says what it takes and how to allow it
   */
  Use choose(Transformer transformer, long validationTokens) {
    Use use =
        switch (recompute) {
          case OFF -> Use.TRAINING;
          case ON -> Use.RECOMPUTING;
          case AUTO ->
              fits(transformer, Use.TRAINING, validationTokens) ? Use.TRAINING : Use.RECOMPUTING;
        };
    long bytes = bytes(transformer, use, validationTokens);
    if (bytes > heap) {
      boolean lessWouldDo =
          use == Use.TRAINING && fits(transformer, Use.RECOMPUTING, validationTokens);
      throw tooMuch(bytes, transformer.config().vocabularySize(), lessWouldDo);
    }
    return use;
  }

  private boolean fits(Transformer transformer, Use use, long validationTokens) {
    try {
      return bytes(transformer, use, validationTokens) <= heap;
    } catch (IllegalArgumentException e) {
      // The activations of one pass are more than an array holds.
      return false;
    }
  }

  private IllegalArgumentException tooMuch(long bytes, int vocabularySize, boolean lessWouldDo) {
    long gigabytes = (long) Math.ceil(bytes * 1.15 / (1L << 30));
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "this run takes about %s of memory%s, and the heap may grow to"
                + " %s. Allow more:%n"
                + "  LANEWISE_JAVA_OPTS=-Xmx%dg ./lanewise train ...%n"
                + "or take less with %s--shards, --batch, --accumulation, --context, --d-model,"
                + " --layers or another vocabulary.",
            Amounts.bytes(bytes),
            ofVocabulary(vocabularySize),
            Amounts.bytes(heap),
            gigabytes,
            lessWouldDo ? "--recompute on, " : ""));
  }

  /** What a run is told that computes activations again. */
  String withRecomputing(Transformer transformer, long validationTokens) {
    String bytes = Amounts.bytes(bytes(transformer, Use.RECOMPUTING, validationTokens));
    return "about %s; a block's activations are computed again in backward%s"
        .formatted(
            bytes,
            recompute == Recompute.AUTO
                ? ", because to keep them all takes more than the heap's " + Amounts.bytes(heap)
                : "");
  }

  /** Before the text has been read an alphabet may have any size: 1 says nothing. */
  private static String ofVocabulary(int size) {
    return size == 1 ? "" : " with a vocabulary of " + size;
  }
}
