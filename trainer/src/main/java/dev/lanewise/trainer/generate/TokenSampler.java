package dev.lanewise.trainer.generate;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Softmax;

/**
 * Chooses a token from logits. A function of logits, options and position alone: among equally
 * probable tokens the one with the smaller id comes first, and the random number is that of (seed,
 * {@link RandomStream#SAMPLING}, position).
 *
 * <p>Not thread-safe: holds memory to work in.
 */
final class TokenSampler {

  private final Softmax softmax;
  private final SamplingOptions options;
  private final float[] probabilities;
  private final int[] chosen;
  private final RankedTokens ranked;

  /** Makes a sampler for logits of that many tokens. */
  TokenSampler(KernelSet kernels, int vocabularySize, SamplingOptions options) {
    this.softmax = kernels.softmax();
    this.options = options;
    this.probabilities = new float[vocabularySize];
    this.chosen = new int[vocabularySize];
    this.ranked = new RankedTokens(probabilities);
  }

  /**
   * Chooses a token.
   *
   * @param logits [V] from the offset on, left as they are
   * @param position of the token in the text
   * @throws NonFiniteLogitsException if the logits do not give probabilities, because one is NaN or
   *     infinite
   */
  public int sample(float[] logits, int offset, long position) {
    for (int id = 0; id < probabilities.length; id++) {
      if (!Float.isFinite(logits[offset + id])) {
        throw notFinite(id);
      }
    }
    return options.temperature() == 0
        ? mostProbable(logits, offset)
        : draw(logits, offset, position);
  }

  private int mostProbable(float[] logits, int offset) {
    int best = 0;
    for (int id = 0; id < probabilities.length; id++) {
      if (logits[offset + id] > logits[offset + best]) {
        best = id;
      }
    }
    return best;
  }

  private int draw(float[] logits, int offset, long position) {
    int vocabulary = probabilities.length;
    float scale = (float) (1 / options.temperature());
    softmax.forward(1, vocabulary, scale, logits, offset, 0, probabilities, 0, 0);
    int count = candidates();
    double total = 0;
    for (int i = 0; i < count; i++) {
      total += probabilities[chosen[i]];
    }
    var random = new RandomStream(options.seed(), RandomStream.SAMPLING, position);
    double target = random.nextDouble() * total;
    double below = 0;
    for (int i = 0; i < count; i++) {
      below += probabilities[chosen[i]];
      if (target < below) {
        return chosen[i];
      }
    }
    return chosen[0];
  }

  /** Writes the ids to draw from to {@code chosen} and returns their number. */
  private int candidates() {
    int vocabulary = probabilities.length;
    if (options.topK() != 0 && options.topK() < vocabulary) {
      return nucleusOf(options.topK());
    }
    return options.topP() == 1 ? all() : nucleus();
  }

  private int all() {
    for (int id = 0; id < chosen.length; id++) {
      chosen[id] = id;
    }
    return chosen.length;
  }

  /** Of so many tokens, the most probable ones, those that have the share of {@code topP}. */
  private int nucleusOf(int most) {
    ranked.begin(0);
    double total = 0;
    for (int i = 0; i < most; i++) {
      chosen[i] = ranked.next();
      total += probabilities[chosen[i]];
    }
    double enough = options.topP() * total;
    double share = 0;
    int count = 0;
    while (count < most && (count == 0 || share < enough)) {
      share += probabilities[chosen[count++]];
    }
    return count;
  }

  /** Of all tokens, the most probable ones that have the share of {@code topP}. */
  private int nucleus() {
    double total = 0;
    for (float probability : probabilities) {
      total += probability;
    }
    // Without the tokens below this, which have half of what may be missing at most, there is
    // enough. So of a large vocabulary only a few are ranked.
    ranked.begin((float) ((1 - options.topP()) / 2 * total / probabilities.length));
    double enough = options.topP() * total;
    double share = 0;
    int count = 0;
    while (count == 0 || (share < enough && !ranked.isEmpty())) {
      chosen[count] = ranked.next();
      share += probabilities[chosen[count++]];
    }
    return count;
  }

  private static NonFiniteLogitsException notFinite(int id) {
    return new NonFiniteLogitsException(
        "the model's logit of token " + id + " is not finite: its weights are of no use");
  }
}
