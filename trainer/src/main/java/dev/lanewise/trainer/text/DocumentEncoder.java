package dev.lanewise.trainer.text;

import dev.lanewise.trainer.text.token.TokenFileWriter;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** Encodes documents one after another, with what a layout puts between them. */
final class DocumentEncoder implements DocumentSink {

  private final TokenEncoder encoder;
  private final TokenSink sink;
  private final int[] prefix;
  private final OptionalInt endId;
  private final byte[] between;
  private boolean hasText;
  private boolean atStart;
  private byte last = '\n';

  DocumentEncoder(Tokenizer tokenizer, CorpusLayout layout, TokenFileWriter sink) {
    this.encoder = tokenizer.encoder(sink, layout.special());
    this.sink = sink;
    this.prefix = tokenizer.prefix().stream().mapToInt(id -> id).toArray();
    this.endId = layout.endId(tokenizer);
    this.between = layout.between().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void begin(String name) {
    atStart = true;
  }

  @Override
  public void accept(byte[] utf8, int offset, int length) throws IOException {
    if (length == 0) {
      return;
    }
    if (atStart && hasText && endId.isEmpty() && isSeparatorNeeded()) {
      encoder.write(between, 0, between.length);
    }
    if (atStart && prefix.length > 0) {
      encoder.finish();
      sink.accept(prefix, prefix.length);
    }
    atStart = false;
    hasText = true;
    last = utf8[offset + length - 1];
    encoder.write(utf8, offset, length);
  }

  private boolean isSeparatorNeeded() {
    return last != '\n' || between.length != 1 || between[0] != '\n';
  }

  /** A document without text leaves no trace. */
  @Override
  public void end() throws IOException {
    if (!atStart && endId.isPresent()) {
      encoder.finish();
      sink.accept(new int[] {endId.getAsInt()}, 1);
    }
  }

  /** Ends the text. */
  void finish() throws IOException {
    encoder.finish();
  }
}
