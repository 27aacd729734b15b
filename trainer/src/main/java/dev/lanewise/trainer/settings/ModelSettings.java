package dev.lanewise.trainer.settings;

import dev.lanewise.model.family.Families;
import dev.lanewise.model.family.Family;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelSizes;

/**
 * The model.
 *
 * @param family the name of a family of models
 * @param context positions of a sequence (T)
 * @param width floats per position (d_model, C)
 * @param heads attention heads
 * @param layers transformer blocks
 * @param feedForwardWidth hidden width of the feed-forward network (d_ff)
 * @param biases whether linear layers and layer norms have biases
 * @param tiedHead whether the output projection is the token embedding
 * @param dropout rate of dropout
 */
public record ModelSettings(
    String family,
    int context,
    int width,
    int heads,
    int layers,
    int feedForwardWidth,
    boolean biases,
    boolean tiedHead,
    double dropout) {

  static ModelSettings of(ConfigLayer values) {
    return new ModelSettings(
        values.text(ConfigKey.FAMILY),
        values.integer(ConfigKey.CONTEXT),
        values.integer(ConfigKey.D_MODEL),
        values.integer(ConfigKey.HEADS),
        values.integer(ConfigKey.LAYERS),
        values.integer(ConfigKey.D_FF),
        values.flag(ConfigKey.BIASES),
        values.flag(ConfigKey.TIED_HEAD),
        values.number(ConfigKey.DROPOUT));
  }

  void check(Problems problems) {
    problems.require(
        Families.STANDARD.named(family).isPresent(),
        ConfigKey.FAMILY,
        family,
        "is no family of models; there are " + Families.STANDARD.names());
    problems.requireBetween(ConfigKey.CONTEXT, context, 1, Problems.MAX_SIZE);
    problems.requireBetween(ConfigKey.LAYERS, layers, 1, 10_000);
    problems.requireBetween(ConfigKey.D_FF, feedForwardWidth, 1, Problems.MAX_SIZE);
    if (problems.requireBetween(ConfigKey.D_MODEL, width, 1, Problems.MAX_SIZE)
        && problems.requireBetween(ConfigKey.HEADS, heads, 1, Problems.MAX_SIZE)) {
      requireHeadsThatDivide(problems);
    }
    problems.requireShare(ConfigKey.DROPOUT, dropout, "; 0 turns it off");
  }

  private void requireHeadsThatDivide(Problems problems) {
    int below = width - width % heads;
    String fits = below == 0 ? String.valueOf(heads) : "%d or %d".formatted(below, below + heads);
    problems.require(
        below == width,
        ConfigKey.D_MODEL,
        width,
        "is not divisible by --heads %d; take --d-model %s, or another number of heads"
            .formatted(heads, fits));
  }

  /**
   * Returns what the model is made of.
   *
   * @param vocabularySize of the tokenizer
   * @throws IllegalArgumentException that names the value that is wrong
   */
  public ModelDescription description(int vocabularySize) {
    Family known =
        Families.STANDARD
            .named(family)
            .orElseThrow(
                () -> new IllegalArgumentException("there is no family of models " + family));
    ModelSizes sizes =
        ModelSizes.multiHead(
            vocabularySize,
            context,
            width,
            heads,
            layers,
            feedForwardWidth,
            biases,
            tiedHead,
            (float) dropout);
    return new ModelDescription(known, known.choose(sizes));
  }
}
