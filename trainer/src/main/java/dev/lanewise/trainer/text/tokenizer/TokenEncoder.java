package dev.lanewise.trainer.text.tokenizer;

import java.io.IOException;

/**
 * Encodes UTF-8 text that arrives in chunks. Made by {@link Tokenizer#encoder}; not thread-safe.
 */
public interface TokenEncoder {

  /** The next bytes of the text; a chunk may end anywhere, also inside a character. */
  void write(byte[] utf8, int offset, int length) throws IOException;

  /**
   * Ends the text and passes on the ids that were held back. The encoder then starts on a new text.
   */
  void finish() throws IOException;
}
