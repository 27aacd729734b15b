package dev.lanewise.trainer.text.token;

/**
 * What a step is taken on: micro-batches of equally many windows. A window is what a shard is cut
 * by; it has at most as many rows as the context.
 */
public sealed interface StepTokens extends PassTokens permits TextWindows, PackedStep {

  /** Returns how many rows go through the model. */
  long rows();

  /** Returns the pairs of a row and one that it sees, itself among them. */
  long pairs();
}
