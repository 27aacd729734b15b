package dev.lanewise.trainer.text.token;

import java.util.Objects;

/**
 * The validation split as windows that together have every token but the first as a target exactly
 * once: window i is ids i*T to i*T+T, inputs and targets one apart. The last window may have fewer
 * than T targets; nothing is dropped. Windows are addressed by their index, so that workers can
 * share an evaluation. As safe for many threads as the tokens are.
 */
public final class ValidationWindows {

  private final TokenSequence tokens;
  private final int context;

  /**
   * @param context T
   * @throws CorpusTooShortException when there are fewer than two tokens, so that there is nothing
   *     to predict
   */
  public ValidationWindows(TokenSequence tokens, int context) {
    if (context < 1) {
      throw new IllegalArgumentException("context %d has to be at least 1".formatted(context));
    }
    if (tokens.size() < 2) {
      throw new CorpusTooShortException(
          "the text to evaluate on has %d tokens, but it takes 2 to predict one; give more text (--data)"
              .formatted(tokens.size()));
    }
    this.tokens = tokens;
    this.context = context;
  }

  /** The number of windows. */
  public long count() {
    return (targets() + context - 1) / context;
  }

  /** The number of targets in all windows. */
  public long targets() {
    return tokens.size() - 1;
  }

  /** The number of targets of a window: T, or fewer in the last one. */
  public int targets(long window) {
    Objects.checkIndex(window, count());
    return (int) Math.min(context, targets() - window * context);
  }

  /**
   * Copies a window's ids, {@code targets(window) + 1} of them, to target[targetOffset...); returns
   * the number of targets.
   */
  public int copy(long window, int[] target, int targetOffset) {
    int targets = targets(window);
    tokens.copy(window * context, targets + 1, target, targetOffset);
    return targets;
  }
}
