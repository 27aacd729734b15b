package dev.lanewise.trainer.text.conversation;

import java.util.Locale;

/** Which tokens of prompts and conversations count. */
public enum TrainOn {
  /**
   * What the model is to say: completions, and the assistant's messages with the token that ends
   * each.
   */
  ANSWERS,
  /** Everything. */
  ALL;

  /** Returns the name in settings. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
