package dev.lanewise.trainer.text;

import java.io.IOException;
import java.io.InputStream;

/**
 * Cleans one file after another into the same sink, with a line feed between files where the first
 * does not end in one.
 */
final class TextJoiner {

  private final TextSink sink;
  private final byte[] buffer = new byte[1 << 16];
  private byte last = '\n';
  private boolean atStart;

  TextJoiner(TextSink sink) {
    this.sink = sink;
  }

  void add(String file, InputStream in) throws IOException {
    TextCleaner cleaner = new TextCleaner(file, this::pass);
    atStart = true;
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      cleaner.write(buffer, 0, read);
    }
    cleaner.finish();
  }

  private void pass(byte[] utf8, int offset, int length) throws IOException {
    if (atStart && last != '\n') {
      sink.accept(new byte[] {'\n'}, 0, 1);
    }
    atStart = false;
    last = utf8[offset + length - 1];
    sink.accept(utf8, offset, length);
  }
}
