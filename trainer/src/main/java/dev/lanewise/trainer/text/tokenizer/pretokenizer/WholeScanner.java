package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import dev.lanewise.trainer.text.tokenizer.Utf8;

/** Does not cut, but for the length that no piece exceeds. */
final class WholeScanner extends TilingScanner {

  WholeScanner() {
    super(PreTokenizer.MAX_SEGMENT_BYTES);
  }

  @Override
  int pieceEnd(int start) {
    int at = start;
    while (at < limit) {
      int character = characterAt(at);
      if (character == Utf8.INCOMPLETE) {
        return UNDECIDED;
      }
      int length = Utf8.length(character);
      if (isTooLong(start, at + length)) {
        return at;
      }
      at += length;
    }
    return atLimit();
  }
}
