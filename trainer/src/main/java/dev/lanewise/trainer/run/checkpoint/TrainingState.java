package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.trainer.settings.Settings;
import java.util.Objects;

/**
 * What resuming needs besides weights and moments.
 *
 * <p>There is no state of random generators and no position in the data: batches, dropout and
 * samples are functions of (seed, stream, step), so {@code settings.step().seed()} and {@code step}
 * are the whole state of randomness.
 *
 * @param step optimizer steps completed, which is the number of the next one
 * @param best the best evaluation so far; null before the first
 * @param skipped how many of the steps were skipped because something was not finite
 * @param skippedInARow how many of them were the last ones
 * @param settings decide the result of the run
 * @param tokenizerFingerprint of {@link dev.lanewise.trainer.text.tokenizer.Tokenizer#fingerprint}
 * @param dataFingerprint of the text that is trained on
 * @param seconds that a run by minutes has taken; 0 for others
 */
public record TrainingState(
    long step,
    Best best,
    long skipped,
    int skippedInARow,
    Settings settings,
    String tokenizerFingerprint,
    String dataFingerprint,
    double seconds) {

  /**
   * The evaluation with the lowest loss.
   *
   * @param loss of validation, in nats per token
   * @param step optimizer steps completed when it was made
   */
  public record Best(double loss, long step) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the loss is not finite or the step is negative
     */
    public Best {
      if (!Double.isFinite(loss)) {
        throw new IllegalArgumentException("the best loss " + loss + " is not a finite number");
      }
      if (step < 0) {
        throw new IllegalArgumentException("the step of the best loss, " + step + ", is negative");
      }
    }
  }

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a step is negative, the best one is still to come, or more
   *     are skipped than there were
   */
  public TrainingState {
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(tokenizerFingerprint, "tokenizerFingerprint");
    Objects.requireNonNull(dataFingerprint, "dataFingerprint");
    if (step < 0) {
      throw new IllegalArgumentException("the step " + step + " is negative");
    }
    if (!(seconds >= 0 && seconds <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("the run cannot have taken " + seconds + " seconds");
    }
    if (best != null && best.step() > step) {
      throw new IllegalArgumentException(
          "the best loss is of step " + best.step() + ", after step " + step);
    }
    if (skippedInARow < 0 || skipped < skippedInARow || step < skipped) {
      throw new IllegalArgumentException(
          "of %d steps %d cannot have been skipped, %d of them at last"
              .formatted(step, skipped, skippedInARow));
    }
  }

  /** Whether the evaluation at this very step is the best one. */
  public boolean isBest() {
    return best != null && best.step() == step;
  }
}
