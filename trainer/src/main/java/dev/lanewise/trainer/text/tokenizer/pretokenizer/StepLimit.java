package dev.lanewise.trainer.text.tokenizer.pretokenizer;

/**
 * A text for a regular expression to look at, that counts the looks: an expression that goes back
 * and forth without end is stopped.
 */
final class StepLimit implements CharSequence {

  private static final long FIRST_STEPS = 1L << 26;
  private static final long STEPS_PER_CHARACTER = 1 << 10;

  private final StringBuilder text;
  private long left = FIRST_STEPS;
  private int visible;

  StepLimit(StringBuilder text) {
    this.text = text;
  }

  /** How much of the text there is to see. */
  void show(int length) {
    visible = length;
  }

  /** So many characters are done with. */
  void advance(int characters) {
    left = Math.min(FIRST_STEPS, left + characters * STEPS_PER_CHARACTER);
  }

  @Override
  public char charAt(int index) {
    if (--left < 0) {
      throw new SlowPatternException();
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return visible;
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.subSequence(start, end);
  }

  @Override
  public String toString() {
    return text.substring(0, visible);
  }
}
