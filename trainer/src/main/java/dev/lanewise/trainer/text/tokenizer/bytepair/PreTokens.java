package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.Utf8Scanner;

/**
 * Cuts UTF-8 text into the pieces that byte pairs are never merged across, by GPT-2's rules: a
 * contraction ('s 't 're 've 'm 'll 'd), or a run of letters, of numbers or of other characters,
 * each with one space before it if there is one, or a run of white space, which leaves its last
 * character to what follows. As a regular expression:
 *
 * <pre>'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</pre>
 *
 * with Unicode's classes. One rule is our own: a piece ends, at a character's border, before it
 * exceeds {@value #MAX_BYTES} bytes, so that any text needs bounded memory.
 */
final class PreTokens extends Utf8Scanner {

  static final int MAX_BYTES = 1 << 16;

  private static final int BUFFER_BYTES = 2 * MAX_BYTES;

  /** The scan reached the end of what is there and cannot tell yet where the piece ends. */
  private static final int UNDECIDED = -1;

  private static final int LETTER = 0;
  private static final int NUMBER = 1;
  private static final int SPACE = 2;
  private static final int OTHER = 3;

  private static final byte[] ASCII_KIND = new byte[0x80];

  static {
    for (int c = 0; c < ASCII_KIND.length; c++) {
      ASCII_KIND[c] = (byte) unicodeKind(c);
    }
  }

  private int pieceStart;

  /** For text that arrives in chunks. */
  PreTokens() {
    super(BUFFER_BYTES);
  }

  /** For one text that is there as a whole; it is read in place, and there is nothing to feed. */
  PreTokens(byte[] wholeText) {
    super(0);
    buffer = wholeText;
    limit = wholeText.length;
    ended = true;
  }

  /**
   * Moves on to the next piece, bytes {@link #start} to {@link #stop} of {@link #bytes}; false when
   * it needs more bytes.
   */
  boolean next() {
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

  byte[] bytes() {
    return buffer;
  }

  int start() {
    return pieceStart;
  }

  int stop() {
    return position;
  }

  private int pieceEnd(int at) {
    byte first = buffer[at];
    if (first == '\'') {
      int end = contractionEnd(at);
      if (end != at) {
        return end;
      }
    } else if (first == ' ') {
      if (at + 1 == limit) {
        return ended ? limit : UNDECIDED;
      }
      int next = characterAt(at + 1);
      if (next == Utf8.INCOMPLETE) {
        return UNDECIDED;
      }
      int kind = kindOf(next);
      if (kind != SPACE) {
        return runEnd(at, at + 1, kind);
      }
      return spaceEnd(at);
    }
    int character = characterAt(at);
    if (character == Utf8.INCOMPLETE) {
      return UNDECIDED;
    }
    int kind = kindOf(character);
    return kind == SPACE ? spaceEnd(at) : runEnd(at, at, kind);
  }

  /** The end of the contraction at {@code at}; {@code at} itself when there is none. */
  private int contractionEnd(int at) {
    if (at + 1 == limit) {
      return ended ? at : UNDECIDED;
    }
    return switch (buffer[at + 1]) {
      case 's', 't', 'm', 'd' -> at + 2;
      case 'r', 'v' -> longContractionEnd(at, 'e');
      case 'l' -> longContractionEnd(at, 'l');
      default -> at;
    };
  }

  private int longContractionEnd(int at, char third) {
    if (at + 2 == limit) {
      return ended ? at : UNDECIDED;
    }
    return buffer[at + 2] == third ? at + 3 : at;
  }

  private int runEnd(int start, int from, int kind) {
    int at = from;
    while (at < limit) {
      int character = characterAt(at);
      if (character == Utf8.INCOMPLETE) {
        return UNDECIDED;
      }
      int length = Utf8.length(character);
      if (kindOf(character) != kind || at + length - start > MAX_BYTES) {
        return at;
      }
      at += length;
    }
    return ended ? limit : UNDECIDED;
  }

  private int spaceEnd(int start) {
    int last = start;
    int at = start;
    while (at < limit) {
      int character = characterAt(at);
      if (character == Utf8.INCOMPLETE) {
        return UNDECIDED;
      }
      int length = Utf8.length(character);
      if (at + length - start > MAX_BYTES) {
        return at;
      }
      if (kindOf(character) != SPACE) {
        return last == start ? at : last;
      }
      last = at;
      at += length;
    }
    return ended ? limit : UNDECIDED;
  }

  private static int kindOf(int character) {
    int codePoint = Utf8.codePoint(character);
    return codePoint < ASCII_KIND.length ? ASCII_KIND[codePoint] : unicodeKind(codePoint);
  }

  private static int unicodeKind(int codePoint) {
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
