package dev.lanewise.model;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.layer.ActivationVisitor;
import dev.lanewise.model.layer.Blueprint;
import dev.lanewise.model.layer.Decoder;
import dev.lanewise.model.layer.Dropout;
import dev.lanewise.model.layer.Embedding;
import dev.lanewise.model.layer.LayerNorm;
import dev.lanewise.model.layer.OutputProjection;
import dev.lanewise.model.layer.Pass;
import dev.lanewise.model.layer.TransformerBlock;
import dev.lanewise.model.layer.WeightPanels;
import dev.lanewise.model.loss.CrossEntropyLoss;
import java.util.Arrays;

/**
 * GPT-2 (Radford et al., 2019): token and position embedding, pre-LN transformer blocks, a final
 * layer norm, and a projection to the vocabulary.
 *
 * <p>A {@code Gpt} is a plan: layers, and where their parameters and activations lie. It holds no
 * weights. Weights are a {@link ParameterStore} of its {@link #layout}, packed into {@link
 * WeightPanels} before use; a worker computes in a {@link Pass}. Immutable, so all workers share
 * one.
 */
public final class Gpt {

  private static final double INITIAL_DEVIATION = 0.02;

  private final GptConfig config;
  private final int sequences;
  private final int time;
  private final ParameterLayout layout;
  private final Parameter[] accumulated;
  private final WeightPanels.Plan panels;
  private final Pass.Memory memory;
  private final Embedding embedding;
  private final Dropout embeddingDropout;
  private final TransformerBlock[] blocks;
  private final LayerNorm finalNorm;
  private final OutputProjection projection;
  private final CrossEntropyLoss loss;
  private final int embedded;
  private final int normed;
  private final int gradient;
  private final int dNormed;
  private final KernelSet kernels;

  /**
   * Plans a model.
   *
   * @param sequences most sequences in one pass
   * @throws IllegalArgumentException if the model or the activations of a pass are larger than an
   *     array
   */
  public Gpt(GptConfig config, KernelSet kernels, int sequences) {
    this.config = config;
    this.kernels = kernels;
    this.sequences = sequences;
    this.time = config.contextLength();
    int width = config.width();
    Blueprint blueprint = new Blueprint(kernels, sequences, time);
    long floats = blueprint.rows() * width;
    TransformerBlock.Buffers buffers =
        TransformerBlock.Buffers.reserve(blueprint, width, config.feedForwardWidth());
    this.embedding = new Embedding(blueprint, config.vocabularySize(), width);
    this.embeddingDropout = new Dropout(blueprint, "dropout", width, config.dropout());
    this.blocks = new TransformerBlock[config.layers()];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] =
          new TransformerBlock(
              blueprint,
              "h." + i,
              width,
              config.heads(),
              config.feedForwardWidth(),
              config.biases(),
              config.dropout(),
              buffers);
    }
    this.finalNorm = new LayerNorm(blueprint, "ln_f", width, config.biases());
    Parameter head =
        config.tiedHead()
            ? embedding.tokens()
            : blueprint.parameter("lm_head.weight", config.vocabularySize(), width);
    int headRows = CrossEntropyLoss.blockRows(blueprint, config.vocabularySize(), width);
    this.projection = new OutputProjection(blueprint, head, headRows);
    this.loss = new CrossEntropyLoss(blueprint, projection, width);
    this.embedded = blueprint.activation("embedded", floats);
    this.normed = blueprint.activation("ln_f.out", floats);
    this.gradient = blueprint.activation("gradient", floats);
    this.dNormed = buffers.inner();
    this.layout = blueprint.layout();
    this.accumulated = blueprint.accumulatedParameters().toArray(Parameter[]::new);
    this.panels = blueprint.panels();
    this.memory = blueprint.memory();
  }

  /** Returns the shape. */
  public GptConfig config() {
    return config;
  }

  /** Returns the most sequences of one pass. */
  public int sequencesPerPass() {
    return sequences;
  }

  /** Returns where each parameter lies in a flat array. */
  public ParameterLayout layout() {
    return layout;
  }

  /** Returns the number of parameters, a tied head counted once. */
  public long countParameters() {
    return layout.size();
  }

  /** Returns what the activations of a pass are allocated from. */
  public Pass.Memory memory() {
    return memory;
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
   * Makes room for packed weights.
   *
   * @param training whether backward will be run too
   */
  public WeightPanels newPanels(boolean training) {
    return panels.allocate(layout, training);
  }

  /** Makes a pass: the memory that one worker computes in. */
  public Pass newPass() {
    return newPasses(Team.alone())[0];
  }

  /**
   * Makes the passes of a team, one for each member. Each member then calls the same methods with
   * its own, all at the same time, and gets the same results.
   */
  public Pass[] newPasses(Team team) {
    return memory.allocate(Math.multiplyExact(sequences, time), team);
  }

  /**
   * Makes a decoder for generation, one token at a time.
   *
   * @param pool works on each token, so it must be free meanwhile
   */
  public Decoder newDecoder(ParameterStore weights, WeightPanels packed, WorkerPool pool) {
    return new Decoder(
        kernels,
        config.width(),
        time,
        embedding,
        blocks,
        finalNorm,
        projection,
        weights.data(),
        packed,
        pool);
  }

  /**
   * Makes the initial weights of GPT-2: N(0, 0.02), those that write to the residual stream scaled
   * by 1/√(2 layers); biases 0, gains 1. A function of the seed alone.
   */
  public ParameterStore initialize(long seed) {
    ParameterStore weights = new ParameterStore(layout);
    double residualScale = 1 / Math.sqrt(2.0 * config.layers());
    for (Parameter parameter : layout.parameters()) {
      FloatTensor tensor = weights.tensor(parameter);
      int from = tensor.offset();
      int to = from + tensor.size();
      if (parameter.isMatrix()) {
        boolean residual = parameter.name().endsWith("c_proj.weight");
        double deviation = residual ? INITIAL_DEVIATION * residualScale : INITIAL_DEVIATION;
        var random = new RandomStream(seed, RandomStream.INITIALIZATION, parameter.index());
        for (int i = from; i < to; i++) {
          tensor.data()[i] = (float) (deviation * random.nextGaussian());
        }
      } else if (parameter.name().endsWith(".weight")) {
        Arrays.fill(tensor.data(), from, to, 1f);
      }
    }
    return weights;
  }

  /**
   * Computes the loss of the tokens that the pass was fed.
   *
   * @return the sum of the rows' losses in nats, added in double in ascending order
   */
  public double loss(Pass pass) {
    loss.forward(pass, forward(pass));
    return sumOfLosses(pass);
  }

  /**
   * Computes the loss, and the gradient of {@code scale} times their sum: overwrites the pass's
   * gradients the first time after {@link Pass#bind}, adds to them from then on.
   *
   * @return the sum of the rows' losses in nats, added in double in ascending order
   */
  public double lossAndGradients(Pass pass, float scale) {
    int x = forward(pass);
    if (pass.isFresh()) {
      clearAccumulated(pass);
    }
    loss.forwardAndBackward(pass, scale, x, dNormed);
    int width = config.width();
    Arrays.fill(
        pass.activations(), gradient + pass.fromRow() * width, gradient + pass.toRow() * width, 0f);
    finalNorm.backward(pass, input(blocks.length), dNormed, gradient);
    for (int i = blocks.length - 1; i >= 0; i--) {
      blocks[i].backward(pass, input(i), gradient);
    }
    int d = embeddingDropout.backward(pass, gradient, gradient);
    embedding.backward(pass, d);
    pass.gradientsWritten();
    return sumOfLosses(pass);
  }

  private void clearAccumulated(Pass pass) {
    for (Parameter parameter : accumulated) {
      int from = parameter.offset() + pass.from(parameter.size(), 1);
      int to = parameter.offset() + pass.to(parameter.size(), 1);
      Arrays.fill(pass.gradients(), from, to, 0f);
    }
  }

  /** Shows what the last forward of the pass has computed, in order. */
  public void visit(Pass pass, ActivationVisitor visitor) {
    int floats = pass.rows() * config.width();
    visitor.visit("the embedding", embedded, floats);
    for (TransformerBlock block : blocks) {
      block.visit(pass, visitor);
    }
    visitor.visit("ln_f", normed, floats);
  }

  /** Runs the model up to the final norm and returns where its output is. */
  private int forward(Pass pass) {
    embedding.forward(pass, embedded);
    embeddingDropout.forward(pass, embedded);
    int x = embedded;
    for (TransformerBlock block : blocks) {
      x = block.forward(pass, x);
    }
    finalNorm.forward(pass, x, normed);
    return normed;
  }

  /** Returns where the input of block i is; that of the final norm for i = the number of blocks. */
  private int input(int i) {
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
   * 2mnk for each product with a weight matrix, of which there are three per matrix, and for the
   * causal half of the six products of attention. Nothing else is counted.
   */
  public long flopsPerSequence(int positions) {
    long perRow = projection.flopsPerRow();
    for (TransformerBlock block : blocks) {
      perRow += block.flopsPerRow();
    }
    long pairs = (long) positions * (positions + 1) / 2;
    long attention = 6L * 2 * pairs * config.width() * config.layers();
    return 3 * perRow * positions + attention;
  }
}
