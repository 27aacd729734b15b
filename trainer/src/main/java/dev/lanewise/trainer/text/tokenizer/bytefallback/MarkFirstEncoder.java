package dev.lanewise.trainer.text.tokenizer.bytefallback;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import java.io.IOException;
import java.util.Arrays;

/** Puts a {@link Metaspace}'s mark before parts of a text that do not begin with it. */
final class MarkFirstEncoder implements TokenEncoder {

  private final byte[] mark;
  private final Metaspace.Prepend prepend;
  private final TokenEncoder next;

  /** The beginning of a part, as long as it may be that of the mark. */
  private final byte[] held;

  private int heldLength;
  private boolean isDecided;
  private boolean isFirstPart = true;

  MarkFirstEncoder(byte[] mark, Metaspace.Prepend prepend, TokenEncoder next) {
    this.mark = mark;
    this.prepend = prepend;
    this.next = next;
    this.held = new byte[mark.length];
  }

  @Override
  public void write(byte[] utf8, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    while (!isDecided && at < end) {
      held[heldLength++] = utf8[at++];
      boolean mayBeMark = Arrays.equals(held, 0, heldLength, mark, 0, heldLength);
      if (!mayBeMark || heldLength == mark.length) {
        decide(mayBeMark);
      }
    }
    next.write(utf8, at, end - at);
  }

  private void decide(boolean hasMark) throws IOException {
    isDecided = true;
    boolean wanted =
        prepend == Metaspace.Prepend.ALWAYS || (prepend == Metaspace.Prepend.FIRST && isFirstPart);
    if (wanted && !hasMark) {
      next.write(mark, 0, mark.length);
    }
    next.write(held, 0, heldLength);
  }

  /** Ends a part; {@link #endText} ends the text. */
  @Override
  public void finish() throws IOException {
    if (!isDecided && heldLength > 0) {
      decide(false);
    }
    next.finish();
    heldLength = 0;
    isDecided = false;
    isFirstPart = false;
  }

  void endText() {
    isFirstPart = true;
  }
}
