package dev.lanewise.model.family;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.NgramTable;
import java.util.List;

/**
 * The sizes that a user picks for a new model; what else there is to choose, its family knows.
 *
 * @param vocabularySize token ids (V)
 * @param contextLength most positions the model sees (T)
 * @param width floats per position (C, also called d_model)
 * @param heads query heads
 * @param keyValueHeads key/value heads, which divide the query heads; 0 for one to each
 * @param headSize floats of a head; 0 for those that divide the width among the heads
 * @param layers transformer blocks
 * @param feedForwardWidth hidden width of the feed-forward network (d_ff)
 * @param biases whether linear layers and norms have biases
 * @param tiedHead whether the output projection is the token embedding
 * @param dropout rate in [0, 1) of dropout after the embedding, the attention and the feed-forward
 * @param ropeTheta the base of rotary positions, or 0 for the family's own
 * @param ngrams tables of the last tokens together
 * @param ngramDropout rate in [0, 1) at which training leaves out their rows
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
    double ropeTheta,
    List<NgramTable> ngrams,
    float ngramDropout) {

  /** Sizes of a model without tables of n-grams. */
  public ModelSizes(
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
    this(
        vocabularySize,
        contextLength,
        width,
        heads,
        keyValueHeads,
        headSize,
        layers,
        feedForwardWidth,
        biases,
        tiedHead,
        dropout,
        ropeTheta,
        List.of(),
        0);
  }

  /** The largest sizes that a file is believed to mean. */
  static final int MOST_POSITIONS = 1 << 24;

  static final int MOST_WIDTH = 1 << 20;
  static final int MOST_HIDDEN = 1 << 24;
  static final int MOST_LAYERS = 1 << 13;

  /** One array holds all weights. */
  private static final long MOST_PARAMETERS = Integer.MAX_VALUE - 8;

  /**
   * Checks the sizes, and says what 0 stands for.
   *
   * @throws IllegalArgumentException that names the value that is wrong
   */
  public ModelSizes {
    ngrams = List.copyOf(ngrams);
    requirePositive("width (d_model)", width);
    requirePositive("number of heads", heads);
    keyValueHeads = keyValueHeads == 0 ? heads : keyValueHeads;
    requirePositive("number of key/value heads", keyValueHeads);
    if (headSize == 0) {
      if (width % heads != 0) {
        throw new IllegalArgumentException(
            "the width (d_model) " + width + " is not divisible by the number of heads " + heads);
      }
      headSize = width / heads;
    }
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

  /**
   * Requires that the weights of a file's model can be counted, before memory is asked for.
   *
   * @param widthField the name of the width in the file
   * @param feedForwardMatrices matrices of a feed-forward network
   * @param besides parameters of tables that not every family has
   * @throws InvalidFileException if one array cannot hold them
   */
  void requireCountable(
      ConfigFields fields, String widthField, int feedForwardMatrices, double besides)
      throws InvalidFileException {
    double tables = (double) vocabularySize * (tiedHead ? 1 : 2);
    for (NgramTable table : ngrams) {
      tables += table.rows(vocabularySize);
    }
    double attention = 2.0 * ((double) heads + keyValueHeads) * headSize;
    double layer = attention + (double) feedForwardMatrices * feedForwardWidth;
    double parameters = width * (tables + layers * layer) + besides;
    if (parameters > MOST_PARAMETERS) {
      throw fields.problem(
          widthField,
          "with the other sizes makes %.0f parameters, more than %d"
              .formatted(parameters, MOST_PARAMETERS));
    }
  }
}
