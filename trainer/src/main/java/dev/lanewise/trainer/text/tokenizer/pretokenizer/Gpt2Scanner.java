package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import static dev.lanewise.trainer.text.tokenizer.pretokenizer.CharacterKind.NUMBER;
import static dev.lanewise.trainer.text.tokenizer.pretokenizer.CharacterKind.SPACE;

import dev.lanewise.trainer.text.tokenizer.Utf8;

/**
 * Cuts text by GPT-2's rules: a contraction ('s 't 're 've 'm 'll 'd), or a run of letters, of
 * numbers or of other characters, each with one space before it if there is one, or a run of white
 * space, which leaves its last character to what follows. As a regular expression:
 *
 * <pre>'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</pre>
 *
 * with Unicode's classes. SmolLM cuts before and after every digit first, which is a choice here.
 */
public final class Gpt2Scanner extends TilingScanner {

  /** The longest piece. */
  public static final int MAX_BYTES = 1 << 16;

  private final boolean digitsApart;

  /** By GPT-2's rules. */
  public Gpt2Scanner() {
    this(false);
  }

  /**
   * Makes a scanner.
   *
   * @param digitsApart whether each digit is a piece of its own, and the text on both sides of it
   *     is cut as if it were alone
   */
  Gpt2Scanner(boolean digitsApart) {
    super(MAX_BYTES);
    this.digitsApart = digitsApart;
  }

  @Override
  int pieceEnd(int at) {
    byte first = buffer[at];
    if (first == '\'') {
      int end = contractionEnd(at);
      if (end != at) {
        return end;
      }
    } else if (first == ' ') {
      if (at + 1 == limit) {
        return atLimit();
      }
      int next = characterAt(at + 1);
      if (next == Utf8.INCOMPLETE) {
        return UNDECIDED;
      }
      int kind = CharacterKind.of(next);
      if (kind != SPACE && !(digitsApart && kind == NUMBER)) {
        return runEnd(at, at + 1, kind);
      }
      return spaceEnd(at);
    }
    int character = characterAt(at);
    if (character == Utf8.INCOMPLETE) {
      return UNDECIDED;
    }
    int kind = CharacterKind.of(character);
    if (digitsApart && kind == NUMBER) {
      return at + Utf8.length(character);
    }
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

  private int spaceEnd(int start) {
    int last = start;
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
      int kind = CharacterKind.of(character);
      if (kind != SPACE) {
        return last == start || (digitsApart && kind == NUMBER) ? at : last;
      }
      last = at;
      at += length;
    }
    return atLimit();
  }
}
