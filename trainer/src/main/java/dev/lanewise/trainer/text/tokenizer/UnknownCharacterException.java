package dev.lanewise.trainer.text.tokenizer;

/** A character that a tokenizer has no id for. */
public final class UnknownCharacterException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final int codePoint;
  private final long position;

  public UnknownCharacterException(int codePoint, long position, int vocabularySize) {
    super(
        ("character %s (U+%04X) at position %d is not among the %d characters that this tokenizer"
                + " was made from; leave it out, or train on text that has it")
            .formatted(printable(codePoint), codePoint, position, vocabularySize));
    this.codePoint = codePoint;
    this.position = position;
  }

  /** A byte pair vocabulary does not have all bytes, and its encoder does not count characters. */
  public UnknownCharacterException(int codePoint, int vocabularySize) {
    super(
        ("character %s (U+%04X) cannot be made of the %d tokens of this tokenizer; leave it out,"
                + " or train on text that has it")
            .formatted(printable(codePoint), codePoint, vocabularySize));
    this.codePoint = codePoint;
    this.position = -1;
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
