package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import dev.lanewise.trainer.text.tokenizer.Utf8;

/** The classes of characters that pre-tokenizers tell apart: \p{L}, \p{N}, \s and the rest. */
final class CharacterKind {

  static final int LETTER = 0;
  static final int NUMBER = 1;
  static final int SPACE = 2;
  static final int OTHER = 3;

  private static final byte[] ASCII = new byte[0x80];

  static {
    for (int c = 0; c < ASCII.length; c++) {
      ASCII[c] = (byte) ofCodePoint(c);
    }
  }

  private CharacterKind() {}

  /** The kind of a character as {@link Utf8#decode} packs it. */
  static int of(int character) {
    int codePoint = Utf8.codePoint(character);
    return codePoint < ASCII.length ? ASCII[codePoint] : ofCodePoint(codePoint);
  }

  private static int ofCodePoint(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER ->
          LETTER;
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
          NUMBER;
      case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
          SPACE;
      default -> (codePoint >= '\t' && codePoint <= '\r') || codePoint == 0x85 ? SPACE : OTHER;
    };
  }
}
