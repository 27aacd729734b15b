package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import dev.lanewise.trainer.text.tokenizer.ByteAlphabet;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import java.nio.charset.StandardCharsets;

/**
 * A step behind the one that turns text into bytes: it sees each byte as the character that stands
 * for it in vocabularies, and may cut between the bytes of a character.
 */
final class ShownBytesScanner implements PieceScanner {

  private final PieceScanner step;
  private byte[] piece = {};

  ShownBytesScanner(PieceScanner step) {
    this.step = step;
  }

  /** Not there: the pieces of the step before are whole. */
  @Override
  public int feed(byte[] utf8, int offset, int length) {
    throw new UnsupportedOperationException("bytes are shown piece by piece");
  }

  @Override
  public void readWhole(byte[] bytes, int from, int to) {
    byte[] shown = Utf8.bytes(ByteAlphabet.show(bytes, from, to));
    step.readWhole(shown, 0, shown.length);
  }

  @Override
  public void end() {
    step.end();
  }

  @Override
  public void restart() {
    step.restart();
  }

  @Override
  public boolean next() {
    if (!step.next()) {
      return false;
    }
    int length = step.stop() - step.start();
    piece =
        ByteAlphabet.hide(new String(step.bytes(), step.start(), length, StandardCharsets.UTF_8));
    return true;
  }

  @Override
  public byte[] bytes() {
    return piece;
  }

  @Override
  public int start() {
    return 0;
  }

  @Override
  public int stop() {
    return piece.length;
  }
}
