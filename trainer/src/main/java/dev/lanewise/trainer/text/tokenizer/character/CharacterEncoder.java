package dev.lanewise.trainer.text.tokenizer.character;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import java.io.IOException;
import java.util.Objects;

/** Encodes UTF-8 in chunks with a {@link CharacterTokenizer}. */
final class CharacterEncoder implements TokenEncoder {

  private final CharacterTokenizer tokenizer;
  private final TokenSink sink;
  private final CodePoints codePoints = new CodePoints();
  private final int[] output = new int[1 << 13];
  private int count;
  private long position;

  CharacterEncoder(CharacterTokenizer tokenizer, TokenSink sink) {
    this.tokenizer = tokenizer;
    this.sink = Objects.requireNonNull(sink, "sink");
  }

  @Override
  public void write(byte[] utf8, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, utf8.length);
    int end = offset + length;
    for (int at = offset; at < end; ) {
      at += codePoints.feed(utf8, at, end - at);
      drain();
    }
  }

  @Override
  public void finish() throws IOException {
    codePoints.end();
    drain();
    flush();
    codePoints.restart();
    position = 0;
  }

  private void drain() throws IOException {
    for (int codePoint = codePoints.next(); codePoint >= 0; codePoint = codePoints.next()) {
      output[count++] = tokenizer.idOf(codePoint, position++);
      if (count == output.length) {
        flush();
      }
    }
  }

  private void flush() throws IOException {
    if (count > 0) {
      sink.accept(output, count);
      count = 0;
    }
  }
}
