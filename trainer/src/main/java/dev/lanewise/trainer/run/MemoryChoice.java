package dev.lanewise.trainer.run;

import dev.lanewise.model.Transformer;

/** Decides how much memory a run takes; no result depends on it. */
@FunctionalInterface
public interface MemoryChoice {

  /**
   * Chooses. The text is ready and its vocabulary known; nothing of the model is allocated yet.
   * What is thrown here ends the run.
   *
   * @param validationTokens in the text kept out of training
   */
  RunMemory choose(Transformer transformer, long validationTokens);
}
