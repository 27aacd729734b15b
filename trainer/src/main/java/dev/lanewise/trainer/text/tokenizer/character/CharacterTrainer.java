package dev.lanewise.trainer.text.tokenizer.character;

import dev.lanewise.trainer.text.tokenizer.Utf8;
import java.util.BitSet;
import java.util.Objects;

/** Collects the characters of a text for a {@link CharacterTokenizer}. */
public final class CharacterTrainer {

  private final CodePoints codePoints = new CodePoints();
  private final BitSet seen = new BitSet();

  /** Makes a trainer that has seen no text. */
  public CharacterTrainer() {}

  /** The next bytes of the text; a chunk may end anywhere. */
  public void write(byte[] utf8, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, utf8.length);
    int end = offset + length;
    for (int at = offset; at < end; ) {
      at += codePoints.feed(utf8, at, end - at);
      drain();
    }
  }

  /** A text that is there as a whole. */
  public void write(String text) {
    byte[] utf8 = Utf8.bytes(text);
    write(utf8, 0, utf8.length);
  }

  private void drain() {
    for (int codePoint = codePoints.next(); codePoint >= 0; codePoint = codePoints.next()) {
      seen.set(codePoint);
    }
  }

  /**
   * Ends the text; the tokenizer has all its characters, in the order of their code points.
   *
   * @throws IllegalArgumentException when there was no text
   */
  public CharacterTokenizer train() {
    codePoints.end();
    drain();
    codePoints.restart();
    return new CharacterTokenizer(seen.stream().toArray());
  }
}
