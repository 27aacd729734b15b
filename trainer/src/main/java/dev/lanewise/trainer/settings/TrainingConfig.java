package dev.lanewise.trainer.settings;

import dev.lanewise.model.family.Families;
import dev.lanewise.model.family.Family;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelSizes;

/**
 * Everything that decides the result of a training run besides the text. The number of threads and
 * the vector width are not here, because they do not.
 *
 * @param tokenizer how text becomes ids
 * @param vocabulary ids to train a byte pair encoding to; other tokenizers bring their own number
 * @param context positions of a sequence (T)
 * @param width floats per position (d_model, C)
 * @param heads attention heads
 * @param layers transformer blocks
 * @param feedForwardWidth hidden width of the feed-forward network (d_ff)
 * @param biases whether linear layers and layer norms have biases
 * @param tiedHead whether the output projection is the token embedding
 * @param dropout rate of dropout
 * @param batch sequences per micro-batch
 * @param accumulation micro-batches per optimizer step
 * @param shards parts that a batch is cut into; 0 for the default of its size
 * @param steps optimizer steps of the run
 * @param maxLearningRate reached at the end of the warmup
 * @param minLearningRate reached at the end of the run
 * @param warmup steps of linear warmup
 * @param beta1 Adam's decay of the mean gradient
 * @param beta2 Adam's decay of the mean squared gradient
 * @param epsilon added to the root in Adam's denominator
 * @param weightDecay decoupled weight decay of matrices; 0 is plain Adam
 * @param clip greatest norm of the gradient; 0 for no clipping
 * @param seed of weights, batches, dropout and samples
 * @param evaluateEvery steps between evaluations
 * @param checkpointEvery steps between checkpoints
 * @param keep checkpoints that are kept besides the best
 * @param prompt what samples continue
 * @param sampleTokens length of a sample at an evaluation; 0 for none
 */
public record TrainingConfig(
    TokenizerKind tokenizer,
    int vocabulary,
    int context,
    int width,
    int heads,
    int layers,
    int feedForwardWidth,
    boolean biases,
    boolean tiedHead,
    double dropout,
    int batch,
    int accumulation,
    int shards,
    long steps,
    double maxLearningRate,
    double minLearningRate,
    long warmup,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double clip,
    long seed,
    long evaluateEvery,
    long checkpointEvery,
    int keep,
    String prompt,
    int sampleTokens) {

  /**
   * Returns what the model is made of.
   *
   * @param vocabularySize of the tokenizer
   * @throws IllegalArgumentException that names the value that is wrong
   */
  public ModelDescription description(int vocabularySize) {
    Family family = Families.STANDARD.all().get(0);
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
    return new ModelDescription(family, family.choose(sizes));
  }

  /**
   * Returns this configuration with another's length of the run, its evaluations, checkpoints and
   * samples: what may change when a run is resumed, because the steps taken so far do not depend on
   * it (but for the learning rate, which depends on the length).
   */
  public TrainingConfig withHabitsOf(TrainingConfig other) {
    return ConfigLayer.of(this)
        .with(ConfigKey.STEPS, other.steps)
        .with(ConfigKey.EVALUATE_EVERY, other.evaluateEvery)
        .with(ConfigKey.CHECKPOINT_EVERY, other.checkpointEvery)
        .with(ConfigKey.KEEP, other.keep)
        .with(ConfigKey.PROMPT, other.prompt)
        .with(ConfigKey.SAMPLE_TOKENS, other.sampleTokens)
        .toConfig();
  }
}
