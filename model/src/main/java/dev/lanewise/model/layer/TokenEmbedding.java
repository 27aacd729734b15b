package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;

/**
 * What the residual stream begins with: the token embedding, rows for the last tokens together, and
 * a norm, where the model has them.
 */
public final class TokenEmbedding {

  /** The name of the norm. */
  public static final String NORM = "embedding_norm";

  private final Embedding embedding;
  private final NgramEmbedding[] ngrams;
  private final Norm norm;
  private final Activation sum;
  private final Activation output;
  private final Activation dSum;

  /**
   * Makes the layers.
   *
   * @param norm the kind, should the model norm the sum
   */
  public TokenEmbedding(
      Blueprint blueprint,
      int vocabularySize,
      int width,
      TokenPaths paths,
      Norm.Choice norm,
      Initializer initializer) {
    this.embedding = new Embedding(blueprint, vocabularySize, width, initializer);
    this.sum = blueprint.result("embedding", width);
    this.ngrams =
        paths.tables().stream()
            .map(
                table ->
                    new NgramEmbedding(blueprint, table, vocabularySize, width, paths.rowDropout()))
            .toArray(NgramEmbedding[]::new);
    this.norm = paths.normed() ? norm.layer(blueprint, NORM, width) : null;
    this.output = paths.normed() ? blueprint.result(NORM, width) : sum;
    this.dSum = paths.normed() ? blueprint.buffer(TransformerBlock.INNER, width) : null;
  }

  /** Returns the table of tokens, which a tied head projects with. */
  public Parameter table() {
    return embedding.table();
  }

  /** Returns where forward leaves the result. */
  public Activation output() {
    return output;
  }

  /** Computes this member's rows. */
  public void forward(Pass pass) {
    embedding.forward(pass, sum);
    for (NgramEmbedding each : ngrams) {
      each.forward(pass, sum);
    }
    if (norm != null) {
      norm.forward(pass, sum, output);
    }
  }

  /** Adds to the gradients of the tables, from that of the result. A barrier has to come before. */
  public void backward(Pass pass, Activation d) {
    Activation ofSum = d;
    if (norm != null) {
      pass.clear(dSum);
      norm.backward(pass, sum, d, dSum);
      pass.barrier();
      ofSum = dSum;
    }
    embedding.backward(pass, ofSum);
    for (NgramEmbedding each : ngrams) {
      each.backward(pass, ofSum);
    }
  }
}
