package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PieceScanner;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PreTokenizer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;

/** Encodes a text with a {@link BytePairModel}'s merges. */
final class BytePairEncoder implements TokenEncoder {

  private static final int FLUSH_IDS = 1 << 13;

  private final PieceScanner pieces;
  private final PieceEncoder encoder;
  private final TokenSink sink;

  BytePairEncoder(BytePairModel model, PreTokenizer preTokenizer, TokenSink sink) {
    this.pieces = preTokenizer.scanner();
    this.encoder = new PieceEncoder(model, FLUSH_IDS);
    this.sink = Objects.requireNonNull(sink, "sink");
  }

  /** All ids of one text. */
  static int[] encode(BytePairModel model, PreTokenizer preTokenizer, byte[] text) {
    PieceScanner pieces = preTokenizer.scanner();
    pieces.readWhole(text, 0, text.length);
    PieceEncoder encoder = new PieceEncoder(model, Math.max(16, text.length / 3));
    while (pieces.next()) {
      encoder.append(pieces);
    }
    return Arrays.copyOf(encoder.output(), encoder.count());
  }

  @Override
  public void write(byte[] utf8, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, utf8.length);
    int end = offset + length;
    for (int at = offset; at < end; ) {
      at += pieces.feed(utf8, at, end - at);
      drain();
    }
  }

  @Override
  public void finish() throws IOException {
    pieces.end();
    drain();
    flush();
    pieces.restart();
  }

  private void drain() throws IOException {
    while (pieces.next()) {
      encoder.append(pieces);
      if (encoder.count() >= FLUSH_IDS) {
        flush();
      }
    }
  }

  private void flush() throws IOException {
    if (encoder.count() > 0) {
      sink.accept(encoder.output(), encoder.count());
      encoder.clear();
    }
  }
}
