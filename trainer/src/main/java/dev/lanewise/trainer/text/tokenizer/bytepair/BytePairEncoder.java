package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;

/** Encodes a text with a {@link BytePairTokenizer}'s merges. */
final class BytePairEncoder implements TokenEncoder {

  private static final int FLUSH_IDS = 1 << 13;

  private final PreTokens pieces = new PreTokens();
  private final PieceEncoder encoder;
  private final TokenSink sink;

  BytePairEncoder(BytePairTokenizer tokenizer, TokenSink sink) {
    this.encoder = new PieceEncoder(tokenizer, FLUSH_IDS);
    this.sink = Objects.requireNonNull(sink, "sink");
  }

  /** All ids of one text. */
  static int[] encode(BytePairTokenizer tokenizer, byte[] text) {
    PreTokens pieces = new PreTokens(text);
    PieceEncoder encoder = new PieceEncoder(tokenizer, Math.max(16, text.length / 3));
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
