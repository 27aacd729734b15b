package dev.lanewise.trainer.text.token;

import dev.lanewise.model.memory.Batch;

/**
 * What a loss is measured on: windows, by their index, so that workers can share an evaluation. As
 * safe for many threads as the tokens are.
 */
public sealed interface EvaluationTokens permits ValidationWindows, ValidationDocuments {

  /** Returns the number of windows. */
  long count();

  /** Returns the number of targets that count, in all windows. */
  long targets();

  /** Returns whether a window, the last one, shares no pass with others: it is shorter. */
  boolean standsAlone(long window);

  /**
   * Draws some of all windows, each once and in order: the same ones for the same data and seed.
   *
   * @param most targets that the windows are to have, about; 0 for all
   * @return these windows themselves where there are no more
   */
  EvaluationTokens drawn(long most, long seed);

  /**
   * Returns what one thread reads windows with.
   *
   * @param most windows at once
   */
  Reader reader(int most);

  /** Reads windows, with memory of its own. */
  @FunctionalInterface
  interface Reader {

    /** Hands windows, from one on, to a pass. */
    void give(Batch batch, long window, int windows);
  }
}
