package dev.lanewise.trainer.text.conversation;

/** A document that cannot be learned; the message names the field. */
public final class InvalidDocumentException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String field;

  InvalidDocumentException(String field, String problem, Throwable cause) {
    super(problem, cause);
    this.field = field;
  }

  InvalidDocumentException(String field, String problem) {
    this(field, problem, null);
  }

  /** Which part of the document is meant, such as {@code messages[1].content}. */
  public String field() {
    return field;
  }
}
