package dev.lanewise.trainer.run;

import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightStorage;

/** Decides how much memory a run takes; no result depends on it. */
@FunctionalInterface
public interface MemoryChoice {

  /**
   * Chooses. The text is ready and its vocabulary known; nothing of the model is allocated yet.
   * What is thrown here ends the run.
   *
   * @param storage how the weights will be held
   * @param validationTokens in the text kept out of training
   */
  RunMemory choose(Transformer transformer, WeightStorage storage, long validationTokens);
}
