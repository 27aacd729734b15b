package dev.lanewise.trainer.loop;

/**
 * Training went wrong: a loss or gradient is NaN or infinite. The weights have not been changed.
 */
public final class NonFiniteException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final long step;
  private final String tensor;

  NonFiniteException(long step, String tensor, String message) {
    super(message);
    this.step = step;
    this.tensor = tensor;
  }

  /** Returns the step that was not taken. */
  public long step() {
    return step;
  }

  /** Returns the first tensor found to be bad. */
  public String tensor() {
    return tensor;
  }
}
