package dev.lanewise.model;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Elementwise;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.layer.CrossEntropyLoss;
import dev.lanewise.model.layer.Dropout;
import dev.lanewise.model.layer.Norm;
import dev.lanewise.model.layer.Positions;
import dev.lanewise.model.layer.TokenEmbedding;
import dev.lanewise.model.layer.TransformerBlock;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.PassPlan;
import dev.lanewise.model.memory.RowTable;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightStorage;
import java.util.Arrays;
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
   * Bytes of attention probabilities of a pass up to which they are kept for backward. Beyond that
   * they are computed again: the same bits, more arithmetic, and memory linear in the context.
   */
  private static final long MOST_KEPT = 1L << 30;

  private final TransformerConfig config;
  private final Adaptation adaptation;
  private final int sequences;
  private final int time;
  private final ParameterLayout layout;
  private final Parameter[] accumulated;
  private final WeightPanels.Plan panels;
  private final PassPlan passes;
  private final List<RowTable> rowTables;
  private final TokenEmbedding embedding;
  private final Positions positions;
  private final Dropout embeddingDropout;
  private final TransformerBlock[] blocks;
  private final Norm finalNorm;
  private final CrossEntropyLoss loss;
  private final Elementwise elementwise;
  private final Activation embedded;
  private final Activation normed;
  private final Activation gradient;
  private final Activation dNormed;
  private final Activation dEmbedded;

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
    this(config, kernels, sequences, time, trained, Adaptation.NONE, MOST_KEPT);
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
        MOST_KEPT);
  }

  /** As the public one, with another limit to what is kept. */
  Transformer(
      TransformerConfig config,
      KernelSet kernels,
      int sequences,
      int time,
      Predicate<String> trained,
      Adaptation adaptation,
      long mostKept) {
    if (time < 1 || time > config.contextLength()) {
      throw new IllegalArgumentException(
          "sequences of %d positions do not fit a model that sees %d"
              .formatted(time, config.contextLength()));
    }
    this.config = config;
    this.sequences = sequences;
    this.time = time;
    int width = config.width();
    this.adaptation = adaptation;
    Blueprint blueprint =
        new Blueprint(kernels, sequences, time, config.contextLength(), trained, adaptation);
    InitialWeights initial = config.initial();
    this.embedding =
        new TokenEmbedding(
            blueprint,
            config.vocabularySize(),
            width,
            config.paths(),
            config.block().norm(),
            initial.table(width));
    this.positions = config.positions().layer(blueprint, width, initial.table(width));
    this.embedded = embedding.output();
    this.embeddingDropout = new Dropout(blueprint, "dropout", config.block().dropout());
    this.blocks = new TransformerBlock[config.layers()];
    boolean keep = probabilityBytes(blueprint) <= mostKept;
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] =
          new TransformerBlock(
              blueprint,
              "layers." + i,
              config.block(),
              config.paths(),
              hasValues(i) ? config.vocabularySize() : 0,
              positions,
              keep,
              initial.hidden(width),
              initial.residual(config.layers()));
    }
    this.finalNorm = config.block().norm().layer(blueprint, "final_norm", width);
    this.normed = blueprint.result("final_norm", width);
    Parameter head =
        config.tiedHead()
            ? embedding.table()
            : blueprint.parameter(HEAD, Role.HEAD, initial.head(), config.vocabularySize(), width);
    this.loss = new CrossEntropyLoss(blueprint, head);
    this.elementwise = kernels.elementwise();
    this.gradient = blueprint.buffer("gradient", width);
    this.dNormed = blueprint.buffer("gradient of final_norm", width);
    this.dEmbedded =
        config.paths().everyBlock() ? blueprint.buffer("gradient of the embedding", width) : null;
    this.layout = blueprint.layout();
    this.accumulated = blueprint.accumulated().toArray(Parameter[]::new);
    this.panels = blueprint.panels();
    this.passes = blueprint.passes();
    this.rowTables = blueprint.rowTables();
  }

  private boolean hasValues(int layer) {
    return config.paths().values() && (layer == 0 || layer == config.layers() - 1);
  }

  private long probabilityBytes(Blueprint blueprint) {
    int heads = config.block().attention().heads().queries();
    return (long) Float.BYTES * config.layers() * blueprint.rows() * heads * blueprint.time();
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
   * Makes a decoder for generation: it goes on with texts whose past is kept.
   *
   * @param pool works on each token, so it must be free meanwhile
   */
  public Decoder newDecoder(ParameterStore weights, WeightPanels packed, WorkerPool pool) {
    return new Decoder(this, weights, packed, pool);
  }

  /** Makes the initial weights: a function of the seed alone. */
  public ParameterStore initialize(long seed) {
    ParameterStore weights = new ParameterStore(layout);
    weights.initialize(seed);
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
    loss.forward(pass, forward(pass));
    return sumOfLosses(pass);
  }

  /**
   * Computes the loss, and the gradient of {@code scale} times their sum: overwrites the pass's
   * gradients the first time after {@link Pass#bind}, adds to them from then on.
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
    Activation x = forward(pass);
    if (pass.isFresh()) {
      clearAccumulated(pass);
    }
    loss.forwardAndBackward(pass, scale, x, dNormed);
    pass.clear(gradient);
    if (dEmbedded != null) {
      pass.clear(dEmbedded);
    }
    finalNorm.backward(pass, input(blocks.length), dNormed, gradient);
    for (int i = blocks.length - 1; i >= 0; i--) {
      if (pass.recomputes() && i < blocks.length - 1) {
        blocks[i].recompute(pass, input(i), embedded);
      }
      blocks[i].backward(pass, input(i), embedded, gradient, dEmbedded);
    }
    if (dEmbedded != null) {
      elementwise.add(
          pass.fromRow(),
          pass.ownRows(),
          pass.view(gradient),
          pass.view(dEmbedded),
          pass.view(gradient));
    }
    Activation d = embeddingDropout.backward(pass, gradient, gradient);
    pass.barrier();
    embedding.backward(pass, d);
    positions.embedBackward(pass, d);
    pass.gradientsWritten();
    return sumOfLosses(pass);
  }

  private void clearAccumulated(Pass pass) {
    for (Parameter parameter : accumulated) {
      int offset = layout.offset(parameter);
      int from = offset + pass.member().from(parameter.size(), 1);
      int to = offset + pass.member().to(parameter.size(), 1);
      Arrays.fill(pass.gradients().data(), from, to, 0f);
    }
  }

  /** Returns the results of layers in the order in which forward computes them. */
  public List<Activation> results() {
    return passes.results();
  }

  /** Runs the model up to the final norm and returns where its output is. */
  private Activation forward(Pass pass) {
    Activation x = embed(pass);
    for (TransformerBlock block : blocks) {
      x = block.forward(pass, x, embedded);
    }
    finalNorm.forward(pass, x, normed);
    return normed;
  }

  private Activation embed(Pass pass) {
    embedding.forward(pass);
    positions.embed(pass, embedded);
    embeddingDropout.forward(pass, embedded);
    return embedded;
  }

  /**
   * Runs the model up to the final norm, for a pass of one, and looks at each result of a layer
   * before another block overwrites it.
   *
   * @return the first result, in the order of the computation, of which {@code sought} says yes
   */
  public Optional<Activation> firstResult(Pass pass, Predicate<Activation> sought) {
    List<Activation> results = results();
    Activation x = embed(pass);
    int seen = 0;
    for (TransformerBlock block : blocks) {
      x = block.forward(pass, x, embedded);
      int end = results.indexOf(block.output()) + 1;
      Optional<Activation> found = results.subList(seen, end).stream().filter(sought).findFirst();
      if (found.isPresent()) {
        return found;
      }
      seen = end;
    }
    finalNorm.forward(pass, x, normed);
    return results.subList(seen, results.size()).stream().filter(sought).findFirst();
  }

  /**
   * Computes the logits [rows, V] of the token after each row of the pass's batch. They take rows ·
   * V floats, which is why training never holds them all.
   *
   * @param into a row of V for each row; the members of a team give the same array
   */
  public void logits(Pass pass, float[] into) {
    logits(pass, 0, pass.rows(), loss.blockRows(), into);
  }

  /** Runs the model over texts that go on, and computes the logits of some rows. */
  void nextLogits(Pass pass, int firstRow, int count, float[] into) {
    logits(pass, firstRow, count, passes.decodingLogits(), into);
  }

  private void logits(Pass pass, int first, int count, int blockRows, float[] into) {
    Activation x = forward(pass);
    int columns = config.vocabularySize();
    for (int row = 0; row < count; row += blockRows) {
      int rows = Math.min(blockRows, count - row);
      Matrix block = loss.logits(pass, rows, x, first + row);
      for (int r = pass.member().from(rows, 1); r < pass.member().to(rows, 1); r++) {
        System.arraycopy(block.data(), block.offset(r), into, (row + r) * columns, columns);
      }
    }
    pass.barrier();
  }

  /** Returns where the input of block i is; that of the final norm for i = the number of blocks. */
  private Activation input(int i) {
    return i == 0 ? embedded : blocks[i - 1].output();
  }

  private static double sumOfLosses(Pass pass) {
    double sum = 0;
    for (int row = 0; row < pass.rows(); row++) {
      sum += pass.losses()[row];
    }
    return sum;
  }

  /**
   * Floating-point operations of forward and backward over one sequence of that many positions:
   * 2mnk for each product with a weight matrix, of which there are three per matrix, or two where
   * it is not trained, and for the causal half of the six products of attention. Nothing else is
   * counted.
   */
  public long flopsPerSequence(int positions) {
    return flops(positions, (long) positions * (positions + 1) / 2);
  }

  /**
   * As {@link #flopsPerSequence}, of documents together.
   *
   * @param rows of all documents
   * @param pairs of a row of a document and one that it sees, itself among them
   */
  public long flops(long rows, long pairs) {
    long perRow = loss.flopsPerRow() + loss.backwardFlopsPerRow();
    long perPair = 0;
    for (TransformerBlock block : blocks) {
      perRow += block.flopsPerRow() + block.backwardFlopsPerRow();
      perPair += block.flopsPerPair();
    }
    return perRow * rows + 6 * perPair * pairs;
  }
}
