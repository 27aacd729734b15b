package dev.lanewise.model;

import dev.lanewise.model.layer.CrossEntropyLoss;
import dev.lanewise.model.layer.Positions;
import dev.lanewise.model.layer.TokenPaths;
import dev.lanewise.model.layer.TransformerBlock;

/**
 * A decoder-only transformer made of choices.
 *
 * @param vocabularySize token ids (V)
 * @param contextLength most positions the model sees (T)
 * @param layers transformer blocks
 * @param block what each block is made of
 * @param positions how positions are told apart
 * @param tiedHead whether the output projection is the token embedding
 * @param paths by which tokens reach the blocks besides their embedding
 * @param initial what weights of a new model begin with
 * @param loss what training minimizes
 */
public record TransformerConfig(
    int vocabularySize,
    int contextLength,
    int layers,
    TransformerBlock.Choice block,
    Positions.Choice positions,
    boolean tiedHead,
    TokenPaths paths,
    InitialWeights initial,
    CrossEntropyLoss.Choice loss) {

  /** A model whose tokens have their embedding alone, with GPT-2's initial weights. */
  public TransformerConfig(
      int vocabularySize,
      int contextLength,
      int layers,
      TransformerBlock.Choice block,
      Positions.Choice positions,
      boolean tiedHead) {
    this(
        vocabularySize,
        contextLength,
        layers,
        block,
        positions,
        tiedHead,
        TokenPaths.NONE,
        InitialWeights.GPT2,
        CrossEntropyLoss.Choice.EXACT);
  }

  /**
   * Checks the shape.
   *
   * @throws IllegalArgumentException that names the value that is wrong
   */
  public TransformerConfig {
    requirePositive("vocabulary size", vocabularySize);
    requirePositive("context length", contextLength);
    requirePositive("number of layers", layers);
    requirePositive("width (d_model)", block.width());
    if (!(block.dropout() >= 0 && block.dropout() < 1)) {
      throw new IllegalArgumentException(
          "the dropout rate " + block.dropout() + " is not in [0, 1)");
    }
  }

  private static void requirePositive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("the " + what + " is " + value + ", not positive");
    }
  }

  /** Returns the floats per position (C). */
  public int width() {
    return block.width();
  }

  /**
   * Returns the same model, trained with other rates of dropout.
   *
   * @param rows of rows of tables, if it has some
   * @throws IllegalArgumentException if a rate is not in [0, 1)
   */
  public TransformerConfig withDropout(float rate, float rows) {
    return new TransformerConfig(
        vocabularySize,
        contextLength,
        layers,
        block.withDropout(rate),
        positions,
        tiedHead,
        paths.withRowDropout(rows),
        initial,
        loss);
  }

  /** Returns the same model, trained to minimize another loss. */
  public TransformerConfig withLoss(CrossEntropyLoss.Choice other) {
    return new TransformerConfig(
        vocabularySize, contextLength, layers, block, positions, tiedHead, paths, initial, other);
  }
}
