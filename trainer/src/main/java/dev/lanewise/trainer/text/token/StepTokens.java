package dev.lanewise.trainer.text.token;

import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.RowGradients;

/**
 * What a step is taken on: micro-batches of equally many windows. A window is what a shard is cut
 * by; it has at most as many rows as the context.
 */
public sealed interface StepTokens permits TextWindows, PackedStep {

  /** Returns the number of micro-batches. */
  int microBatches();

  /** Returns how many targets count, in all micro-batches together. */
  long counted();

  /** Returns how many rows go through the model. */
  long rows();

  /** Returns the pairs of a row and one that it sees, itself among them. */
  long pairs();

  /**
   * Hands some windows of a micro-batch to a pass; they may have no row.
   *
   * @param from the first window
   */
  void give(Batch batch, int micro, int from, int windows);

  /** Names the rows of tables that some windows of a micro-batch touch, in order. */
  void touch(RowGradients rows, int micro, int from, int windows);
}
