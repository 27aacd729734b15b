package dev.lanewise.trainer.chat;

/**
 * What a model answered.
 *
 * @param text without special tokens
 * @param end why it is not longer
 * @param promptTokens tokens that the model saw before it
 * @param keptTokens those of them that were not computed again, because the last turn had them
 * @param tokens of the answer
 * @param leftTurns turns that the model sees no more since this one, the oldest ones
 */
public record Answer(
    String text, End end, int promptTokens, int keptTokens, int tokens, int leftTurns) {

  /** Why an answer ends. */
  public enum End {
    /** The model ended its turn. */
    TURN,
    /** It has as many tokens as the options allow. */
    MAX_TOKENS,
    /** The context is full. */
    CONTEXT,
    /** It was asked to stop. */
    STOPPED
  }
}
