package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import static dev.lanewise.trainer.text.tokenizer.pretokenizer.CharacterKind.LETTER;
import static dev.lanewise.trainer.text.tokenizer.pretokenizer.CharacterKind.NUMBER;
import static dev.lanewise.trainer.text.tokenizer.pretokenizer.CharacterKind.OTHER;
import static dev.lanewise.trainer.text.tokenizer.pretokenizer.CharacterKind.SPACE;

import dev.lanewise.trainer.text.tokenizer.Utf8;

/**
 * Cuts text by the rules of Llama 3 and Qwen 2, which differ only in how many digits a piece may
 * have: 3 and 1. As a regular expression:
 *
 * <pre>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*
 * |\s*[\r\n]+|\s+(?!\S)|\s+</pre>
 */
final class WordScanner extends TilingScanner {

  private static final int MAX_BYTES = 1 << 16;

  /** U+017F, which without regard to case is an s, in UTF-8. */
  private static final byte[] LONG_S = {(byte) 0xC5, (byte) 0xBF};

  private final int mostDigits;

  WordScanner(int mostDigits) {
    super(MAX_BYTES);
    this.mostDigits = mostDigits;
  }

  @Override
  int pieceEnd(int at) {
    int first = characterAt(at);
    if (first == Utf8.INCOMPLETE) {
      return UNDECIDED;
    }
    int kind = CharacterKind.of(first);
    int next = at + Utf8.length(first);
    if (kind == LETTER) {
      return runEnd(at, next, LETTER);
    }
    if (kind == NUMBER) {
      return numberEnd(next);
    }
    if (buffer[at] == '\'') {
      int end = contractionEnd(at + 1);
      if (end != at + 1) {
        return end;
      }
    }
    if (!isLineEnd(at)) {
      int end = endWithNext(at, next);
      if (end != next) {
        return end;
      }
    }
    return kind == SPACE ? spaceEnd(at) : otherEnd(at, next);
  }

  /**
   * The end of a piece that is one character and what belongs behind it: letters, or behind a space
   * other characters. {@code next} where there is neither.
   */
  private int endWithNext(int at, int next) {
    if (next == limit) {
      return ended ? next : UNDECIDED;
    }
    int second = characterAt(next);
    if (second == Utf8.INCOMPLETE) {
      return UNDECIDED;
    }
    int kind = CharacterKind.of(second);
    if (kind == LETTER) {
      return runEnd(at, next, LETTER);
    }
    return kind == OTHER && buffer[at] == ' ' ? otherEnd(at, next) : next;
  }

  /** The end of the contraction whose apostrophe is before {@code at}; {@code at} if none is. */
  private int contractionEnd(int at) {
    if (at == limit) {
      return ended ? at : UNDECIDED;
    }
    if (buffer[at] == LONG_S[0]) {
      if (at + 1 == limit) {
        return ended ? at : UNDECIDED;
      }
      return buffer[at + 1] == LONG_S[1] ? at + 2 : at;
    }
    return switch (lowerCase(at)) {
      case 's', 't', 'm', 'd' -> at + 1;
      case 'r', 'v' -> longContractionEnd(at, 'e');
      case 'l' -> longContractionEnd(at, 'l');
      default -> at;
    };
  }

  private int longContractionEnd(int at, char second) {
    if (at + 1 == limit) {
      return ended ? at : UNDECIDED;
    }
    return lowerCase(at + 1) == second ? at + 2 : at;
  }

  private int lowerCase(int at) {
    byte b = buffer[at];
    return b >= 'A' && b <= 'Z' ? b | 0x20 : b;
  }

  private int numberEnd(int from) {
    int at = from;
    for (int digits = 1; digits < mostDigits; digits++) {
      if (at == limit) {
        return atLimit();
      }
      int character = characterAt(at);
      if (character == Utf8.INCOMPLETE) {
        return UNDECIDED;
      }
      if (CharacterKind.of(character) != NUMBER) {
        return at;
      }
      at += Utf8.length(character);
    }
    return at;
  }

  /** Other characters, and the line ends behind them. */
  private int otherEnd(int start, int from) {
    int at = runEnd(start, from, OTHER);
    if (at == UNDECIDED) {
      return UNDECIDED;
    }
    while (at < limit) {
      if (!isLineEnd(at) || isTooLong(start, at + 1)) {
        return at;
      }
      at++;
    }
    return atLimit();
  }

  /**
   * White space: up to its last line end; where it has none, all but the last character, which what
   * follows may take, or all at the text's end.
   */
  private int spaceEnd(int start) {
    int last = start;
    int afterLine = start;
    int at = start;
    while (at < limit) {
      int character = characterAt(at);
      if (character == Utf8.INCOMPLETE) {
        return UNDECIDED;
      }
      int length = Utf8.length(character);
      boolean tooLong = isTooLong(start, at + length);
      if (tooLong || CharacterKind.of(character) != SPACE) {
        if (afterLine > start) {
          return afterLine;
        }
        return last == start || tooLong ? at : last;
      }
      last = at;
      if (isLineEnd(at)) {
        afterLine = at + 1;
      }
      at += length;
    }
    return ended && afterLine > start ? afterLine : atLimit();
  }

  private boolean isLineEnd(int at) {
    return buffer[at] == '\n' || buffer[at] == '\r';
  }
}
