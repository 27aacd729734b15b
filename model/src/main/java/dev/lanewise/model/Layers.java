package dev.lanewise.model;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
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
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The layers of a {@link Transformer}, and the order in which a pass goes through them: forward,
 * and backward beside it.
 */
final class Layers {

  private final TransformerConfig config;
  private final ParameterLayout layout;
  private final Parameter[] accumulated;
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
   * Makes the layers, which reserve what they need of the blueprint.
   *
   * @param longestKept positions up to which attention probabilities are kept for backward
   */
  Layers(Blueprint blueprint, TransformerConfig config, KernelSet kernels, int longestKept) {
    this.config = config;
    int width = config.width();
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
    boolean keep = blueprint.time() <= longestKept;
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
            : blueprint.parameter(
                Transformer.HEAD, Role.HEAD, initial.head(), config.vocabularySize(), width);
    this.loss = new CrossEntropyLoss(blueprint, head, config.loss());
    this.elementwise = kernels.elementwise();
    this.gradient = blueprint.buffer("gradient", width);
    this.dNormed = blueprint.buffer("gradient of final_norm", width);
    this.dEmbedded =
        config.paths().everyBlock() ? blueprint.buffer("gradient of the embedding", width) : null;
    this.layout = blueprint.layout();
    this.accumulated = blueprint.accumulated().toArray(Parameter[]::new);
  }

  private boolean hasValues(int layer) {
    return config.paths().values() && (layer == 0 || layer == config.layers() - 1);
  }

  /** Returns where each parameter lies. */
  ParameterLayout layout() {
    return layout;
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

  /** See {@link Transformer#loss}. */
  double loss(Pass pass) {
    loss.forward(pass, forward(pass));
    return sumOfLosses(pass);
  }

  /** See {@link Transformer#lossAndGradients}. */
  double lossAndGradients(Pass pass, float scale) {
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

  /** See {@link Transformer#firstResult}. */
  Optional<Activation> firstResult(
      Pass pass, List<Activation> results, Predicate<Activation> sought) {
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

  /** Returns how many rows the logits of the loss are computed of at a time. */
  int lossRows() {
    return loss.blockRows();
  }

  /** Computes the logits of some rows, so many at a time. */
  void logits(Pass pass, int first, int count, int blockRows, float[] into) {
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

  /** See {@link Transformer#flops}. */
  long flops(long rows, long pairs, boolean sampling) {
    long perRow = loss.trainingFlopsPerRow(sampling);
    long perPair = 0;
    for (TransformerBlock block : blocks) {
      perRow += block.flopsPerRow() + block.backwardFlopsPerRow();
      perPair += block.flopsPerPair();
    }
    return perRow * rows + 6 * perPair * pairs;
  }
}
