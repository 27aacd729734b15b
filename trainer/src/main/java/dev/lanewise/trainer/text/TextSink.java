package dev.lanewise.trainer.text;

import java.io.IOException;

/** Receives text as UTF-8 in chunks; a chunk may end anywhere, also inside a character. */
@FunctionalInterface
public interface TextSink {

  /** The next bytes; the array is reused after the call. */
  void accept(byte[] utf8, int offset, int length) throws IOException;
}
