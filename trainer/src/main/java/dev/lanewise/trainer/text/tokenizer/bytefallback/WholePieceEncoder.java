package dev.lanewise.trainer.text.tokenizer.bytefallback;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import java.io.IOException;
import java.util.Objects;

/**
 * Takes pieces of text that are in the vocabulary as they are; any other goes on to be merged. A
 * piece is a whole part of a text, or what is between two characters that begin words.
 */
final class WholePieceEncoder implements TokenEncoder {

  private final ByteFallbackModel model;
  private final byte[] wordStart;
  private final TokenEncoder merging;
  private final TokenSink sink;

  /** The piece that is open, with room for one byte more than a token has. */
  private final byte[] piece;

  private int length;

  /** How many bytes at the end of the piece may be the first ones of a word's start. */
  private int matched;

  /** Whether the piece is too long for a token, so that the beginning has gone on. */
  private boolean isLong;

  /**
   * Makes an encoder.
   *
   * @param wordStart a character that begins a word of its own; -1 if there is none
   */
  WholePieceEncoder(ByteFallbackModel model, int wordStart, TokenEncoder merging, TokenSink sink) {
    this.model = model;
    this.wordStart = wordStart < 0 ? new byte[0] : Utf8.bytes(Character.toString(wordStart));
    this.merging = merging;
    this.sink = sink;
    this.piece = new byte[model.longest() + this.wordStart.length + 1];
  }

  @Override
  public void write(byte[] utf8, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, utf8.length);
    for (int i = offset; i < offset + count; i++) {
      if (length == piece.length) {
        isLong = true;
        passOn(length - matched);
      }
      piece[length++] = utf8[i];
      if (wordStart.length > 0) {
        matchWordStart(utf8[i]);
      }
    }
  }

  /** In UTF-8 a character's first byte is in no other place, so one look back is enough. */
  private void matchWordStart(byte next) throws IOException {
    matched = next == wordStart[matched] ? matched + 1 : next == wordStart[0] ? 1 : 0;
    if (matched == wordStart.length) {
      matched = 0;
      endPiece(length - wordStart.length);
    }
  }

  private void endPiece(int end) throws IOException {
    int id = isLong ? ByteFallbackModel.NONE : model.wholeId(Utf8.text(piece, 0, end));
    if (id == ByteFallbackModel.NONE || end == 0) {
      passOn(end);
    } else {
      merging.finish();
      sink.accept(new int[] {id}, 1);
      drop(end);
    }
    isLong = false;
  }

  private void passOn(int end) throws IOException {
    merging.write(piece, 0, end);
    drop(end);
  }

  private void drop(int end) {
    System.arraycopy(piece, end, piece, 0, length - end);
    length -= end;
  }

  @Override
  public void finish() throws IOException {
    endPiece(length);
    matched = 0;
    merging.finish();
  }
}
