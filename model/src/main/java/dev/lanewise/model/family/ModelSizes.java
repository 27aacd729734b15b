package dev.lanewise.model.family;

/**
 * The sizes that a user picks for a new model; what else there is to choose, its family knows.
 *
 * @param vocabularySize token ids (V)
 * @param contextLength most positions the model sees (T)
 * @param width floats per position (C, also called d_model)
 * @param heads query heads
 * @param keyValueHeads key/value heads, which divide the query heads
 * @param headSize floats of a head
 * @param layers transformer blocks
 * @param feedForwardWidth hidden width of the feed-forward network (d_ff)
 * @param biases whether linear layers and norms have biases
 * @param tiedHead whether the output projection is the token embedding
 * @param dropout rate in [0, 1) of dropout after the embedding, the attention and the feed-forward
 * @param ropeTheta the base of rotary positions, or 0 for the family's own
 */
public record ModelSizes(
    int vocabularySize,
    int contextLength,
    int width,
    int heads,
    int keyValueHeads,
    int headSize,
    int layers,
    int feedForwardWidth,
    boolean biases,
    boolean tiedHead,
    float dropout,
    double ropeTheta) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException that names the value that is wrong
   */
  public ModelSizes {
    requirePositive("width (d_model)", width);
    requirePositive("number of heads", heads);
    requirePositive("number of key/value heads", keyValueHeads);
    requirePositive("head size", headSize);
    requirePositive("feed-forward width (d_ff)", feedForwardWidth);
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "%d heads are not a multiple of %d key/value heads".formatted(heads, keyValueHeads));
    }
  }

  private static void requirePositive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("the " + what + " is " + value + ", not positive");
    }
  }

  /** Returns sizes with a key/value head for each head, which divide the width among them. */
  public static ModelSizes multiHead(
      int vocabularySize,
      int contextLength,
      int width,
      int heads,
      int layers,
      int feedForwardWidth,
      boolean biases,
      boolean tiedHead,
      float dropout) {
    if (heads > 0 && width % heads != 0) {
      throw new IllegalArgumentException(
          "the width (d_model) " + width + " is not divisible by the number of heads " + heads);
    }
    int headSize = heads > 0 ? width / heads : width;
    return new ModelSizes(
        vocabularySize,
        contextLength,
        width,
        heads,
        heads,
        headSize,
        layers,
        feedForwardWidth,
        biases,
        tiedHead,
        dropout,
        0);
  }
}
