package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.Utf8Scanner;

/**
 * A scanner whose pieces lie end to end in the text. A piece ends, at a character's border, before
 * it exceeds a number of bytes, so that any text needs bounded memory.
 */
abstract class TilingScanner extends Utf8Scanner implements PieceScanner {

  /** The scan reached the end of what is there and cannot tell yet where the piece ends. */
  static final int UNDECIDED = -1;

  private final int maxBytes;
  private int pieceStart;

  TilingScanner(int maxBytes) {
    super(2 * maxBytes);
    this.maxBytes = maxBytes;
  }

  /** The end of the piece that begins at {@code at}, or {@link #UNDECIDED}. */
  abstract int pieceEnd(int at);

  @Override
  public final boolean next() {
    if (position == limit) {
      return false;
    }
    int stop = pieceEnd(position);
    if (stop == UNDECIDED) {
      return false;
    }
    pieceStart = position;
    position = stop;
    return true;
  }

  /** The end of the characters of one kind from {@code from} on. */
  final int runEnd(int start, int from, int kind) {
    int at = from;
    while (at < limit) {
      int character = characterAt(at);
      if (character == Utf8.INCOMPLETE) {
        return UNDECIDED;
      }
      int length = Utf8.length(character);
      if (CharacterKind.of(character) != kind || isTooLong(start, at + length)) {
        return at;
      }
      at += length;
    }
    return atLimit();
  }

  final boolean isTooLong(int start, int end) {
    return end - start > maxBytes;
  }

  /** The end of a piece that goes on to the end of what is there. */
  final int atLimit() {
    return ended ? limit : UNDECIDED;
  }

  @Override
  public final byte[] bytes() {
    return buffer;
  }

  @Override
  public final int start() {
    return pieceStart;
  }

  @Override
  public final int stop() {
    return position;
  }
}
