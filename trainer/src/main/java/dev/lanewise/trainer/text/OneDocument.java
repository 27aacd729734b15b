package dev.lanewise.trainer.text;

import java.io.IOException;

/** Documents joined by line feeds, as a single document. */
final class OneDocument implements DocumentSink {

  private final DocumentSink sink;
  private final TextJoiner joiner;
  private boolean begun;

  OneDocument(DocumentSink sink) {
    this.sink = sink;
    this.joiner = new TextJoiner(sink);
  }

  @Override
  public void begin(String name) throws IOException {
    if (!begun) {
      sink.begin(name);
      begun = true;
    }
    joiner.begin(name);
  }

  @Override
  public void accept(byte[] utf8, int offset, int length) throws IOException {
    joiner.accept(utf8, offset, length);
  }

  @Override
  public void end() {
    joiner.end();
  }

  /** Ends the document. */
  void finish() throws IOException {
    if (begun) {
      sink.end();
    }
  }
}
