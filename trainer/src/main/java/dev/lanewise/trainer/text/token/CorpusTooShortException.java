package dev.lanewise.trainer.text.token;

/**
 * A split of the corpus that does not hold a single window. The message names the lengths and what
 * to do.
 */
public final class CorpusTooShortException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  public CorpusTooShortException(String message) {
    super(message);
  }
}
