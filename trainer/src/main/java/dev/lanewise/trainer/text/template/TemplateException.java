package dev.lanewise.trainer.text.template;

/**
 * A template that cannot be read, or that failed or was stopped while it rendered. The message
 * begins with the line.
 */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final String reason;

  TemplateException(int line, String reason) {
    super(line == 0 ? reason : "line " + line + ": " + reason);
    this.line = line;
    this.reason = reason;
  }

  /** An error whose line the node that is being evaluated will add. */
  TemplateException(String reason) {
    this(0, reason);
  }

  /** The line of the template, from 1; 0 where it is not the fault of one line. */
  public int line() {
    return line;
  }

  TemplateException at(int place) {
    return line != 0 || place == 0 ? this : new TemplateException(place, reason);
  }
}
