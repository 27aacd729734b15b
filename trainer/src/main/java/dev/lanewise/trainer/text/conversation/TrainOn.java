package dev.lanewise.trainer.text.conversation;

/** Which tokens of prompts and conversations count. */
public enum TrainOn {
  /**
   * What the model is to say: completions, and the assistant's messages with the token that ends
   * each.
   */
  ANSWERS,
  /** Everything. */
  ALL
}
