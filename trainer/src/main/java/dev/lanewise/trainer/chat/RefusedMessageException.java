package dev.lanewise.trainer.chat;

/** A message that the model cannot be asked; the conversation is as it was before. */
public final class RefusedMessageException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  RefusedMessageException(String message) {
    super(message);
  }

  RefusedMessageException(String message, Throwable cause) {
    super(message, cause);
  }
}
