package dev.lanewise.model.family;

/**
 * The sizes that a user picks for a new model; what else there is to choose, its family knows.
 *
 * @param vocabularySize token ids (V)
 * @param contextLength most positions the model sees (T)
 * @param width floats per position (C, also called d_model)
 * @param heads attention heads, which divide the width
 * @param layers transformer blocks
 * @param feedForwardWidth hidden width of the feed-forward network (d_ff)
 * @param biases whether linear layers and norms have biases
 * @param tiedHead whether the output projection is the token embedding
 * @param dropout rate in [0, 1) of dropout after the embedding, the attention and the feed-forward
 */
public record ModelSizes(
    int vocabularySize,
    int contextLength,
    int width,
    int heads,
    int layers,
    int feedForwardWidth,
    boolean biases,
    boolean tiedHead,
    float dropout) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException that names the value that is wrong
   */
  public ModelSizes {
    requirePositive("width (d_model)", width);
    requirePositive("number of heads", heads);
    requirePositive("feed-forward width (d_ff)", feedForwardWidth);
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "the width (d_model) " + width + " is not divisible by the number of heads " + heads);
    }
  }

  private static void requirePositive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("the " + what + " is " + value + ", not positive");
    }
  }

  /** Returns the floats of one head in one position. */
  public int headSize() {
    return width / heads;
  }
}
