package dev.lanewise.trainer.text;

import java.io.IOException;

/**
 * Makes one text of documents: a line feed between two where the first does not end in one. An
 * empty document leaves no trace.
 */
final class TextJoiner implements DocumentSink {

  private final TextSink sink;
  private byte last = '\n';
  private boolean atStart;

  TextJoiner(TextSink sink) {
    this.sink = sink;
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
    if (atStart && last != '\n') {
      sink.accept(new byte[] {'\n'}, 0, 1);
    }
    atStart = false;
    last = utf8[offset + length - 1];
    sink.accept(utf8, offset, length);
  }

  @Override
  public void end() {
    // What follows, if anything, decides whether a line feed is needed.
  }
}
