package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import static dev.lanewise.trainer.text.tokenizer.pretokenizer.CharacterKind.NUMBER;

import dev.lanewise.trainer.text.tokenizer.Utf8;

/** Parts numbers from other text; what is between them is to be cut further by others. */
final class DigitScanner extends TilingScanner {

  private final boolean individual;

  DigitScanner(boolean individual) {
    super(PreTokenizer.MAX_SEGMENT_BYTES);
    this.individual = individual;
  }

  @Override
  int pieceEnd(int at) {
    int first = characterAt(at);
    if (first == Utf8.INCOMPLETE) {
      return UNDECIDED;
    }
    int next = at + Utf8.length(first);
    if (CharacterKind.of(first) == NUMBER) {
      return individual ? next : runEnd(at, next, NUMBER);
    }
    while (next < limit) {
      int character = characterAt(next);
      if (character == Utf8.INCOMPLETE) {
        return UNDECIDED;
      }
      int length = Utf8.length(character);
      if (CharacterKind.of(character) == NUMBER || isTooLong(at, next + length)) {
        return next;
      }
      next += length;
    }
    return atLimit();
  }
}
