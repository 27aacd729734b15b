package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.GptConfig;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;

/**
 * Everything that goes into a checkpoint. The stores are shared with whoever made it: they must not
 * change while it is written.
 *
 * @param weights in the layout of the {@link dev.lanewise.model.Gpt} of {@link #gptConfig}
 * @param firstMoment of the same layout
 * @param secondMoment of the same layout
 */
public record Snapshot(
    TrainingState state,
    Tokenizer tokenizer,
    ParameterStore weights,
    ParameterStore firstMoment,
    ParameterStore secondMoment) {

  /**
   * Checks that the parts belong together.
   *
   * @throws IllegalArgumentException if the stores differ in size, or the tokenizer is not the one
   *     that the state names
   */
  public Snapshot {
    int size = weights.layout().size();
    if (firstMoment.layout().size() != size || secondMoment.layout().size() != size) {
      throw new IllegalArgumentException("weights and moments are of different layouts");
    }
    if (!tokenizer.fingerprint().equals(state.tokenizerFingerprint())) {
      throw new IllegalArgumentException("the tokenizer is not the one that the state names");
    }
  }

  /** Returns the shape of the model. */
  public GptConfig gptConfig() {
    return state.settings().model().gptConfig(tokenizer.vocabularySize());
  }
}
