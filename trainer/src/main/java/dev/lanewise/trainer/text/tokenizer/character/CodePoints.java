package dev.lanewise.trainer.text.tokenizer.character;

import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.Utf8Scanner;

/**
 * Takes UTF-8 that arrives in chunks apart into code points; bytes that begin no character are
 * U+FFFD.
 */
final class CodePoints extends Utf8Scanner {

  private static final int BUFFER_BYTES = 1 << 14;

  CodePoints() {
    super(BUFFER_BYTES);
  }

  /** The next code point, or -1 when it takes more bytes to tell. */
  int next() {
    if (position == limit) {
      return -1;
    }
    int character = characterAt(position);
    if (character == Utf8.INCOMPLETE) {
      return -1;
    }
    position += Utf8.length(character);
    return Utf8.codePoint(character);
  }
}
