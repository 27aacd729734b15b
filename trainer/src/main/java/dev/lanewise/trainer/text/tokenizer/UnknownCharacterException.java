package dev.lanewise.trainer.text.tokenizer;

/** A character that a tokenizer has no id for. */
public final class UnknownCharacterException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final int codePoint;
  private final long position;
  private final String reason;

  public UnknownCharacterException(int codePoint, long position, int vocabularySize) {
    super(notAmong(codePoint, " at position " + position, vocabularySize));
    this.codePoint = codePoint;
    this.position = position;
    this.reason = notAmong(codePoint, "", vocabularySize);
  }

  private static String notAmong(int codePoint, String where, int vocabularySize) {
    return ("character %s (U+%04X)%s is not among the %d characters that this tokenizer"
            + " was made from; leave it out, or train on text that has it")
        .formatted(printable(codePoint), codePoint, where, vocabularySize);
  }

  /** A byte pair vocabulary does not have all bytes, and its encoder does not count characters. */
  public UnknownCharacterException(int codePoint, int vocabularySize) {
    super(
        ("character %s (U+%04X) cannot be made of the %d tokens of this tokenizer; leave it out,"
                + " or train on text that has it")
            .formatted(printable(codePoint), codePoint, vocabularySize));
    this.codePoint = codePoint;
    this.position = -1;
    this.reason = getMessage();
  }

  /** The message without the position, which is in a text that the user may not know as one. */
  public String reason() {
    return reason;
  }

  /** The character. */
  public int codePoint() {
    return codePoint;
  }

  /** Its position in the text, counted in characters (code points) from 0; -1 if not known. */
  public long position() {
    return position;
  }

  private static String printable(int codePoint) {
    return Character.isISOControl(codePoint)
        ? "(control)"
        : "'" + Character.toString(codePoint) + "'";
  }
}
