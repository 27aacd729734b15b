package dev.lanewise.trainer.text;

import dev.lanewise.trainer.text.token.TokenFile;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;

/**
 * A text as ids, ready for training.
 *
 * @param tokenizer the one that made the ids
 * @param training the first nine tenths of the text
 * @param validation the last tenth
 * @param textBytes length of the clean text in UTF-8
 * @param textFingerprint SHA-256 of the clean text, in hex
 */
public record Corpus(
    Tokenizer tokenizer,
    TokenFile training,
    TokenFile validation,
    long textBytes,
    String textFingerprint)
    implements AutoCloseable {

  /** Closes both files. */
  @Override
  public void close() {
    training.close();
    validation.close();
  }
}
