package dev.lanewise.trainer.cli;

import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.optim.OptimizerKind;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.run.RunMemory;
import dev.lanewise.trainer.settings.InvalidConfigException;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.StepCosts;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.text.TokenizerKinds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How much heap a run will take, so that one that cannot fit does not begin. A {@link Transformer}
 * knows its sizes before anything of it is allocated.
 *
 * @param heap bytes that the run may take
 * @param recompute how activations may be kept
 * @param ranks processes that share the work; this is about the first of them
 */
record MemoryEstimate(Settings config, int threads, long heap, Recompute recompute, int ranks) {

  private static final long REST = 64L << 20;

  /** Of a process that works alone. */
  MemoryEstimate(Settings config, int threads, long heap, Recompute recompute) {
    this(config, threads, heap, recompute, 1);
  }

  /** The fewest ids that the tokenizer of a run can turn out to have, or all that are asked for. */
  int vocabularyBeforeTheText() {
    return TokenizerKinds.STANDARD
        .named(config.text().tokenizer())
        .vocabularyBeforeTheText(config.text().vocabulary());
  }

  /**
   * The new model that the settings ask for, if it fits into the heap.
   *
   * @throws InvalidConfigException if there is no such model
   * @throws IllegalArgumentException that names the options when arrays or the heap cannot hold it
   */
  Transformer requireFits(KernelSet kernels, int vocabularySize) {
    ModelDescription model = model(vocabularySize);
    Transformer transformer;
    try {
      transformer = transformer(kernels, model.config(), adaptation(model));
    } catch (ArithmeticException e) {
      String problem = "a matrix is larger than an array; make the model smaller";
      throw tooLarge(vocabularySize, problem, e);
    } catch (IllegalArgumentException e) {
      throw tooLarge(vocabularySize, e.getMessage(), e);
    }
    choose(transformer, WeightStorage.STORED, 0);
    return transformer;
  }

  /** What a family does not have is no matter of size. */
  private ModelDescription model(int vocabularySize) {
    try {
      return config.model().description(vocabularySize);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigException(List.of(e.getMessage()));
    }
  }

  /**
   * Requires that a model to begin with can be trained in the heap.
   *
   * @param trained what it is made of, as it is trained
   * @param file the precision of its files
   * @throws IllegalArgumentException that says what it takes and how to allow it
   */
  void requireFits(
      KernelSet kernels, ModelDescription base, TransformerConfig trained, Precision file) {
    WeightStorage storage = WeightStorage.ofFrozen(WeightStorage.packedIn(file));
    choose(transformer(kernels, trained, adaptation(base)), storage, 0);
  }

  private Adaptation adaptation(ModelDescription model) {
    return config.adapter().isUsed()
        ? config.adapter().config(model, "").adaptation(model)
        : Adaptation.NONE;
  }

  private Transformer transformer(
      KernelSet kernels, TransformerConfig model, Adaptation adaptation) {
    return new Transformer(
        model, kernels, Trainer.sequencesPerPass(config), config.model().context(), adaptation);
  }

  private IllegalArgumentException tooLarge(
      int vocabularySize, String problem, RuntimeException cause) {
    return new IllegalArgumentException(
        "--context %d, --d-model %d, --d-ff %d, --layers %d%s are too much together: %s"
            .formatted(
                config.model().context(),
                config.model().width(),
                config.model().feedForwardWidth(),
                config.model().layers(),
                // Before the text is read it may not be known.
                vocabularySize > 1 ? " and a vocabulary of " + vocabularySize : "",
                problem),
        cause);
  }

  /**
   * Estimates the bytes of a run: weights, packed for forward and backward, and the store's,
   * gradients of each shard, optimizer state, a copy for checkpoints, activations of the workers,
   * keys and values for samples, the tokens of a step, and a loss of each pass of an evaluation.
   *
   * @param storage how weights are held
   * @param validationTokens 0 when they are not known yet
   */
  long bytes(
      Transformer transformer, WeightStorage storage, RunMemory memory, long validationTokens) {
    OptimizerKind optimizer = Optimizers.STANDARD.named(config.optimizer().kind());
    ParameterLayout layout = transformer.layout();
    StepCosts costs = new StepCosts(config, transformer);
    int shards = Math.ceilDiv(Trainer.shards(config).count(), ranks);
    int copies = memory.checkpointCopy() ? 2 : 1;
    // A checkpoint of what is added to a model does not have the model.
    long saved = transformer.adaptation().isNone() ? layout.size() : (long) layout.trainableSize();
    long floats =
        (copies - 1) * saved
            + copies * optimizer.stateFloats(layout)
            + (long) shards * layout.trainableSize()
            + (ranks == 1 ? 0 : optimizer.stateFloats(layout) / ranks)
            + threads * optimizer.workFloats(layout);
    long tokens =
        (long) config.step().accumulation()
            * config.step().batch()
            * (config.model().context() + 1);
    long losses =
        validationTokens / ((long) transformer.sequencesPerPass() * config.model().context());
    return Float.BYTES * floats
        + transformer.weightBytes(true, storage)
        + costs.tableBytes(copies)
        + Integer.BYTES * tokens
        + sampleBytes(transformer)
        + costs.activationBytes(memory.activations(), threads)
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
    int context = transformer.config().contextLength();
    // A window that will move has another half computed beside it.
    int memories = prompt + tokens > context ? 2 : 1;
    int positions = (int) Math.min(prompt + tokens, context);
    return transformer.passes().decodingBytes(memories, positions, Precision.F32, threads);
  }

  /** What is given up for memory, in this order: what costs least time first. */
  private List<RunMemory> choices() {
    return Stream.of(
            RunMemory.AMPLE,
            new RunMemory(Use.TRAINING, false),
            new RunMemory(Use.RECOMPUTING, true),
            new RunMemory(Use.RECOMPUTING, false))
        .filter(
            choice ->
                recompute == Recompute.AUTO
                    || (choice.activations() == Use.RECOMPUTING) == (recompute == Recompute.ON))
        .toList();
  }

  /**
   * Chooses what the run takes memory for, so that it fits into the heap.
   *
   * @param storage how weights are held
   * @param validationTokens 0 when they are not known yet
   * @throws IllegalArgumentException that says what it takes and how to allow it
   */
  RunMemory choose(Transformer transformer, WeightStorage storage, long validationTokens) {
    for (RunMemory choice : choices()) {
      if (fits(transformer, storage, choice, validationTokens)) {
        return choice;
      }
    }
    long bytes;
    try {
      bytes = bytes(transformer, storage, choices().getLast(), validationTokens);
    } catch (InvalidConfigException e) {
      throw e; // This is no matter of size.
    } catch (IllegalArgumentException e) {
      throw tooLarge(transformer.config().vocabularySize(), e.getMessage(), e);
    }
    boolean lessWouldDo =
        recompute == Recompute.OFF
            && fits(transformer, storage, new RunMemory(Use.RECOMPUTING, false), validationTokens);
    throw tooMuch(bytes, transformer.config().vocabularySize(), lessWouldDo);
  }

  private boolean fits(
      Transformer transformer, WeightStorage storage, RunMemory memory, long validationTokens) {
    try {
      return bytes(transformer, storage, memory, validationTokens) <= heap;
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

  /** What a run is told: how much it takes, and what it goes without. */
  String describe(
      Transformer transformer, WeightStorage storage, RunMemory memory, long validationTokens) {
    StringBuilder told =
        new StringBuilder(
            "about " + Amounts.bytes(bytes(transformer, storage, memory, validationTokens)));
    List<String> without = new ArrayList<>();
    if (memory.activations() == Use.RECOMPUTING) {
      without.add("a block's activations are computed again in backward");
    }
    if (!memory.checkpointCopy()) {
      without.add("training waits while a checkpoint is written");
    }
    if (!without.isEmpty()) {
      told.append("; ").append(String.join(", and ", without));
    }
    if (!memory.checkpointCopy() || (!without.isEmpty() && recompute == Recompute.AUTO)) {
      told.append(", because the heap may grow to ").append(Amounts.bytes(heap));
    }
    return told.toString();
  }

  /** Before the text has been read an alphabet may have any size: 1 says nothing. */
  private static String ofVocabulary(int size) {
    return size == 1 ? "" : " with a vocabulary of " + size;
  }
}
