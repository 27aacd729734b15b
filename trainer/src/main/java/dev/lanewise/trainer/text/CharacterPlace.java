package dev.lanewise.trainer.text;

import java.io.IOException;

/** Finds where in a text a character stands first: file, line and column, counted from 1. */
final class CharacterPlace implements DocumentSink {

  private final int codePoint;
  private String document;
  private long line;
  private long column;
  private int pending;
  private int missing;
  private String found;

  private CharacterPlace(int codePoint) {
    this.codePoint = codePoint;
  }

  /** Words such as {@code a.txt, line 3, column 7}; the text's description if it is not there. */
  static String of(TextSource text, int codePoint) throws IOException {
    CharacterPlace place = new CharacterPlace(codePoint);
    text.copyDocuments(place);
    return place.found == null ? text.description() : place.found;
  }

  @Override
  public void begin(String name) {
    document = name;
    line = 1;
    column = 0;
  }

  @Override
  public void accept(byte[] utf8, int offset, int length) {
    for (int i = offset; i < offset + length && found == null; i++) {
      int b = utf8[i];
      if (b >= 0) {
        character(b);
      } else if ((b & 0x40) == 0) {
        pending = pending << 6 | (b & 0x3F);
        if (--missing == 0) {
          character(pending);
        }
      } else {
        missing = (b & 0x20) == 0 ? 1 : (b & 0x10) == 0 ? 2 : 3;
        pending = b & 0x3F >> missing;
      }
    }
  }

  private void character(int c) {
    column++;
    if (c == codePoint) {
      found = "%s, line %d, column %d".formatted(document, line, column);
    }
    if (c == '\n') {
      line++;
      column = 0;
    }
  }

  @Override
  public void end() {
    // The place of the next document is its own.
  }
}
