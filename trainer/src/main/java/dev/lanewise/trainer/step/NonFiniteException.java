package dev.lanewise.trainer.step;

/**
 * Training went wrong: a loss, a gradient, or what a checkpoint would hold is NaN or infinite. A
 * step that finds it changes nothing.
 */
public final class NonFiniteException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final long step;
  private final String tensor;

  public NonFiniteException(long step, String tensor, String message) {
    super(message);
    this.step = step;
    this.tensor = tensor;
  }

  /** The same with what to do about it. */
  public NonFiniteException withAdvice(String advice) {
    NonFiniteException advised = new NonFiniteException(step, tensor, getMessage() + " " + advice);
    advised.initCause(this);
    return advised;
  }

  /** Returns the step that was not taken; that many had been. */
  public long step() {
    return step;
  }

  /** Returns the first tensor found to be bad. */
  public String tensor() {
    return tensor;
  }
}
