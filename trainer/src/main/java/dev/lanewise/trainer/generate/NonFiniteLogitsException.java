package dev.lanewise.trainer.generate;

/** A model gave logits that are NaN or infinite, of which no token can be chosen. */
public final class NonFiniteLogitsException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  NonFiniteLogitsException(String message) {
    super(message);
  }
}
