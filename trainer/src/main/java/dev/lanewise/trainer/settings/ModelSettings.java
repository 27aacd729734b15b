package dev.lanewise.trainer.settings;

import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.family.Family;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelSizes;
import dev.lanewise.model.family.NgramTables;
import dev.lanewise.model.layer.CrossEntropyLoss;

/**
 * The model: a new one of these sizes, or one to begin with, whose files say all but the context
 * and the dropout.
 *
 * @param from the folder of a model or a run; empty for a new model
 * @param family the name of a family of models
 * @param context positions of a sequence (T); one to begin with may see more
 * @param width floats per position (d_model, C)
 * @param heads attention heads
 * @param keyValueHeads heads of keys and values, which divide the heads; 0 for as many
 * @param headSize floats of a head; 0 for width / heads
 * @param ropeTheta the base of rotary positions; 0 for the family's own
 * @param layers transformer blocks
 * @param feedForwardWidth hidden width of the feed-forward network (d_ff)
 * @param biases whether linear layers and layer norms have biases
 * @param tiedHead whether the output projection is the token embedding
 * @param ngrams tables of n-grams, see {@link NgramTables}; empty for none
 * @param ngramDropout rate at which training leaves out rows of these tables
 * @param dropout rate of dropout
 * @param sampledSoftmax tokens that training draws for a sampled softmax; 0 for all of them
 * @param lossTemperature what training divides logits by
 */
public record ModelSettings(
    String from,
    String family,
    int context,
    int width,
    int heads,
    int keyValueHeads,
    int headSize,
    double ropeTheta,
    int layers,
    int feedForwardWidth,
    boolean biases,
    boolean tiedHead,
    String ngrams,
    double ngramDropout,
    double dropout,
    int sampledSoftmax,
    double lossTemperature) {

  static ModelSettings of(ConfigLayer values) {
    return new ModelSettings(
        values.text(ConfigKey.FROM),
        values.text(ConfigKey.FAMILY),
        values.integer(ConfigKey.CONTEXT),
        values.integer(ConfigKey.D_MODEL),
        values.integer(ConfigKey.HEADS),
        values.integer(ConfigKey.KV_HEADS),
        values.integer(ConfigKey.HEAD_SIZE),
        values.number(ConfigKey.ROPE_THETA),
        values.integer(ConfigKey.LAYERS),
        values.integer(ConfigKey.D_FF),
        values.flag(ConfigKey.BIASES),
        values.flag(ConfigKey.TIED_HEAD),
        values.text(ConfigKey.NGRAMS),
        values.number(ConfigKey.NGRAM_DROPOUT),
        values.number(ConfigKey.DROPOUT),
        values.integer(ConfigKey.SAMPLED_SOFTMAX),
        values.number(ConfigKey.LOSS_TEMPERATURE));
  }

  /** Whether the model is made here. */
  public boolean isNew() {
    return from.isEmpty();
  }

  void check(Problems problems) {
    problems.requireBetween(ConfigKey.CONTEXT, context, 1, Problems.MAX_SIZE);
    problems.requireShare(ConfigKey.DROPOUT, dropout, "; 0 turns it off");
    problems.requireShare(ConfigKey.NGRAM_DROPOUT, ngramDropout, "; 0 turns it off");
    problems.requireBetween(ConfigKey.SAMPLED_SOFTMAX, sampledSoftmax, 0, Problems.MAX_SIZE);
    problems.require(
        lossTemperature >= 0.1 && lossTemperature <= 10,
        ConfigKey.LOSS_TEMPERATURE,
        lossTemperature,
        "has to be from 0.1 to 10; 1 is the plain loss");
    if (isNew()) {
      checkSizes(problems);
    }
  }

  private void checkSizes(Problems problems) {
    problems.require(
        Families.STANDARD.find(family).isPresent(),
        ConfigKey.FAMILY,
        family,
        "is no family of models; there are " + Families.STANDARD.names());
    problems.requireBetween(ConfigKey.LAYERS, layers, 1, 10_000);
    problems.requireBetween(ConfigKey.D_FF, feedForwardWidth, 1, Problems.MAX_SIZE);
    if (problems.requireBetween(ConfigKey.D_MODEL, width, 1, Problems.MAX_SIZE)
        && problems.requireBetween(ConfigKey.HEADS, heads, 1, Problems.MAX_SIZE)) {
      requireKeyValueHeadsThatDivide(problems);
      requireHeadsThatDivide(problems);
    }
    checkNgrams(problems);
    problems.requireFactorOrZero(ConfigKey.ROPE_THETA, ropeTheta, "is the family's own");
  }

  private void checkNgrams(Problems problems) {
    try {
      NgramTables.parse(ngrams);
    } catch (IllegalArgumentException e) {
      problems.require(false, ConfigKey.NGRAMS, ngrams, ": " + e.getMessage());
    }
  }

  private void requireKeyValueHeadsThatDivide(Problems problems) {
    if (problems.requireBetween(ConfigKey.KV_HEADS, keyValueHeads, 0, Problems.MAX_SIZE)) {
      problems.require(
          keyValueHeads == 0 || heads % keyValueHeads == 0,
          ConfigKey.KV_HEADS,
          keyValueHeads,
          "does not divide --heads %d".formatted(heads));
    }
  }

  private void requireHeadsThatDivide(Problems problems) {
    if (!problems.requireBetween(ConfigKey.HEAD_SIZE, headSize, 0, Problems.MAX_SIZE)
        || headSize > 0) {
      return;
    }
    int below = width - width % heads;
    String fits = below == 0 ? String.valueOf(heads) : "%d or %d".formatted(below, below + heads);
    problems.require(
        below == width,
        ConfigKey.D_MODEL,
        width,
        "is not divisible by --heads %d; take --d-model %s, another number of heads, or --head-size"
            .formatted(heads, fits));
  }

  /** Returns a model to begin with as it is trained: with this dropout and this loss. */
  public TransformerConfig trained(TransformerConfig begun) {
    return begun.withDropout((float) dropout, (float) ngramDropout).withLoss(loss());
  }

  private CrossEntropyLoss.Choice loss() {
    return new CrossEntropyLoss.Choice(sampledSoftmax, (float) lossTemperature);
  }

  /**
   * Returns what a new model is made of.
   *
   * @param vocabularySize of the tokenizer
   * @throws IllegalArgumentException that names the value that is wrong
   */
  public ModelDescription description(int vocabularySize) {
    Family known = Families.STANDARD.named(family);
    ModelSizes sizes =
        new ModelSizes(
            vocabularySize,
            context,
            width,
            heads,
            keyValueHeads,
            headSize,
            layers,
            feedForwardWidth,
            biases,
            tiedHead,
            (float) dropout,
            ropeTheta,
            NgramTables.parse(ngrams),
            (float) ngramDropout);
    TransformerConfig config = known.choose(sizes);
    if (!config.paths().tables().equals(sizes.ngrams())) {
      throw new IllegalArgumentException(
          "a %s has no tables of n-grams; leave --ngrams empty, or take --family lanewise"
              .formatted(family));
    }
    return new ModelDescription(known, config.withLoss(loss()));
  }
}
