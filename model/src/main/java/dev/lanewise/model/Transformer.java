package dev.lanewise.model;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.PanelPlan;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.PassPlan;
import dev.lanewise.model.memory.RowTable;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightStorage;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A decoder-only transformer: embedding, pre-norm blocks, a final norm, and a projection to the
 * vocabulary.
 *
 * <p>It is a plan: layers, and where their parameters and activations lie. It holds no weights.
 * Weights are a {@link ParameterStore} of its {@link #layout}, packed into {@link WeightPanels}
 * before use; a worker computes in a {@link Pass}. Immutable, so all workers share one.
 */
public final class Transformer {

  /** The name of the output projection, where it is not the token embedding. */
  public static final String HEAD = "head.weight";

  /**
   * Positions up to which attention probabilities are kept for backward. Of more they are computed
   * again: the same bits, memory linear in the context, and no more time, because what is kept has
   * to go out of the caches and come back (docs/perf/LOG.md).
   */
  private static final int LONGEST_KEPT = 256;

  private final TransformerConfig config;
  private final Adaptation adaptation;
  private final int sequences;
  private final int time;
  private final ParameterLayout layout;
  private final Layers layers;
  private final PanelPlan panels;
  private final PassPlan passes;
  private final List<RowTable> rowTables;

  /**
   * Plans a model all of whose parameters are trained.
   *
   * @param sequences most sequences in one pass
   * @throws IllegalArgumentException if the model or the activations of a pass are larger than an
   *     array
   */
  public Transformer(TransformerConfig config, KernelSet kernels, int sequences) {
    this(config, kernels, sequences, config.contextLength());
  }

  /**
   * Plans a model all of whose parameters are trained, on sequences shorter than it could see.
   *
   * @param time most positions of a sequence in a pass; generation goes on to the model's context
   */
  public Transformer(TransformerConfig config, KernelSet kernels, int sequences, int time) {
    this(config, kernels, sequences, time, name -> true);
  }

  /**
   * Plans a model.
   *
   * @param trained says by a parameter's name whether it is trained; no gradient of the others is
   *     computed
   */
  public Transformer(
      TransformerConfig config,
      KernelSet kernels,
      int sequences,
      int time,
      Predicate<String> trained) {
    this(config, kernels, sequences, time, trained, Adaptation.NONE, LONGEST_KEPT);
  }

  /**
   * Plans a model with what is added to some of its weights: only that is trained, or all of the
   * model if nothing is added.
   */
  public Transformer(
      TransformerConfig config, KernelSet kernels, int sequences, int time, Adaptation adaptation) {
    this(
        config,
        kernels,
        sequences,
        time,
        adaptation.isNone() ? name -> true : Adaptation::isPart,
        adaptation,
        LONGEST_KEPT);
  }

  /** As the public one, with another limit to what is kept. */
  Transformer(
      TransformerConfig config,
      KernelSet kernels,
      int sequences,
      int time,
      Predicate<String> trained,
      Adaptation adaptation,
      int longestKept) {
    if (time < 1 || time > config.contextLength()) {
      throw new IllegalArgumentException(
          "sequences of %d positions do not fit a model that sees %d"
              .formatted(time, config.contextLength()));
    }
    this.config = config;
    this.sequences = sequences;
    this.time = time;
    this.adaptation = adaptation;
    Blueprint blueprint =
        new Blueprint(kernels, sequences, time, config.contextLength(), trained, adaptation);
    this.layers = new Layers(blueprint, config, kernels, longestKept);
    this.layout = layers.layout();
    this.panels = blueprint.panels();
    this.passes = blueprint.passes();
    this.rowTables = blueprint.rowTables();
  }

  /** Returns what the model is made of. */
  public TransformerConfig config() {
    return config;
  }

  /** Returns what is added to its weights. */
  public Adaptation adaptation() {
    return adaptation;
  }

  /** Returns the most sequences of one pass. */
  public int sequencesPerPass() {
    return sequences;
  }

  /** Returns the most positions of a sequence in a pass. */
  public int time() {
    return time;
  }

  /** Returns where each parameter lies in a flat array. */
  public ParameterLayout layout() {
    return layout;
  }

  /** Returns the tables whose rows are found by tokens, by number. */
  public List<RowTable> rowTables() {
    return rowTables;
  }

  /** Returns the number of parameters, a tied head counted once. */
  public long countParameters() {
    return layout.size();
  }

  /** Returns the memory of passes, planned. */
  public PassPlan passes() {
    return passes;
  }

  /**
   * Returns the bytes of packed weights, see {@link #newPanels}.
   *
   * @param training whether backward will be run too
   */
  public long panelBytes(boolean training) {
    return panels.bytes(training);
  }

  /**
   * Returns the bytes of weights that are held as a storage says: what is in its panels, and the
   * rest, see {@link #newPanels(boolean, WeightStorage)}.
   *
   * @param training whether backward will be run too
   */
  public long weightBytes(boolean training, WeightStorage storage) {
    return panels.bytes(training, storage) + Float.BYTES * panels.storedFloats(layout, storage);
  }

  /**
   * Makes room for packed weights.
   *
   * @param training whether backward will be run too
   */
  public WeightPanels newPanels(boolean training) {
    return newPanels(training, WeightStorage.STORED);
  }

  /**
   * Makes room for packed weights, some of which are nowhere else.
   *
   * @param training whether backward will be run too
   * @throws IllegalArgumentException if one of these is trained, or in a precision that has no
   *     backward
   */
  public WeightPanels newPanels(boolean training, WeightStorage storage) {
    return panels.allocate(layout, training, storage);
  }

  /** Makes a pass for training: the memory that one worker computes in. */
  public Pass newPass() {
    return newPasses(Use.TRAINING, Team.alone())[0];
  }

  /**
   * Makes the passes of a team, one for each member. Each member then calls the same methods with
   * its own, all at the same time, and gets the same results.
   */
  public Pass[] newPasses(Use use, Team team) {
    return passes.allocate(use, sequences, team);
  }

  /**
   * Makes a decoder for generation: it goes on with texts whose past is kept, in floats.
   *
   * @param pool works on each token, so it must be free meanwhile
   */
  public Decoder newDecoder(ParameterStore weights, WeightPanels packed, WorkerPool pool) {
    return newDecoder(weights, packed, Precision.F32, pool);
  }

  /**
   * As {@link #newDecoder(ParameterStore, WeightPanels, WorkerPool)}.
   *
   * @param keyValues in which precision keys and values are kept, see {@link
   *     dev.lanewise.kernels.Attention}
   * @throws IllegalArgumentException if it is neither F32 nor BF16
   */
  public Decoder newDecoder(
      ParameterStore weights, WeightPanels packed, Precision keyValues, WorkerPool pool) {
    return new Decoder(this, weights, packed, keyValues, pool);
  }

  /** Makes the initial weights: a function of the seed alone. */
  public ParameterStore initialize(long seed) {
    ParameterStore weights = new ParameterStore(layout);
    weights.initialize(seed);
    return weights;
  }

  /** As {@link #initialize(long)}, on all workers; not from within a task. */
  public ParameterStore initialize(long seed, WorkerPool pool) {
    ParameterStore weights = new ParameterStore(layout);
    weights.initialize(seed, pool);
    return weights;
  }

  /** Gives what is added to weights its first values: a function of the seed alone. */
  public void initializeAdapters(ParameterStore weights, long seed) {
    weights.initialize(seed, Adaptation::isPart);
  }

  /**
   * Computes the loss of the pass's batch.
   *
   * @return the sum of the counted rows' losses in nats, added in double in ascending order
   */
  public double loss(Pass pass) {
    return layers.loss(pass);
  }

  /**
   * Computes the losses that {@link TransformerConfig#loss} chooses for training, and the gradient
   * of {@code scale} times their sum: overwrites the pass's gradients the first time after {@link
   * Pass#bind}, adds to them from then on.
   *
   * @return the sum of the counted rows' losses in nats, added in double in ascending order
   * @throws IllegalStateException if the pass is bound to no gradients
   */
  public double lossAndGradients(Pass pass, float scale) {
    if (pass.gradients() == null) {
      throw new IllegalStateException("the pass is bound to no gradients");
    }
    if (pass.rowGradients() == null && !layout.tables().isEmpty()) {
      throw new IllegalStateException("the pass is bound to no gradients of rows");
    }
    return layers.lossAndGradients(pass, scale);
  }

  /** Returns the results of layers in the order in which forward computes them. */
  public List<Activation> results() {
    return passes.results();
  }

  /**
   * Runs the model up to the final norm, for a pass of one, and looks at each result of a layer
   * before another block overwrites it.
   *
   * @return the first result, in the order of the computation, of which {@code sought} says yes
   */
  public Optional<Activation> firstResult(Pass pass, Predicate<Activation> sought) {
    return layers.firstResult(pass, results(), sought);
  }

  /**
   * Computes the logits [rows, V] of the token after each row of the pass's batch. They take rows ·
   * V floats, which is why training never holds them all.
   *
   * @param into a row of V for each row; the members of a team give the same array
   */
  public void logits(Pass pass, float[] into) {
    layers.logits(pass, 0, pass.rows(), layers.lossRows(), into);
  }

  /** Runs the model over texts that go on, and computes the logits of some rows. */
  void nextLogits(Pass pass, int firstRow, int count, float[] into) {
    layers.logits(pass, firstRow, count, passes.decodingLogits(), into);
  }

  /**
   * Floating-point operations of forward and backward over one sequence of that many positions:
   * 2mnk for each product with a weight matrix, of which there are three per matrix, or two where
   * it is not trained, and for the causal half of the six products of attention. Nothing else is
   * counted.
   */
  public long flopsPerSequence(int positions) {
    return flops(positions, (long) positions * (positions + 1) / 2, false);
  }

  /**
   * As {@link #flopsPerSequence}, of documents together.
   *
   * @param rows of all documents
   * @param pairs of a row of a document and one that it sees, itself among them
   * @param sampling whether the passes ask for a sampled softmax
   */
  public long flops(long rows, long pairs, boolean sampling) {
    return layers.flops(rows, pairs, sampling);
  }
}
