package dev.lanewise.trainer.text.token;

import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.RowGradients;

/** The tokens of a step, as the passes take them: window by window of its micro-batches. */
public interface PassTokens {

  /** Returns the number of micro-batches. */
  int microBatches();

  /** Returns how many targets count, in all micro-batches together. */
  long counted();

  /**
   * Hands some windows of a micro-batch to a pass; they may have no row.
   *
   * @param from the first window
   */
  void give(Batch batch, int micro, int from, int windows);

  /** Names the rows of tables that some windows of a micro-batch touch, in order. */
  void touch(RowGradients rows, int micro, int from, int windows);
}
