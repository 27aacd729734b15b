package dev.lanewise.trainer.text.tokenizer.normalizer;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;

/** A {@code normalizer} of a tokenizer's file. {@link Normalizers} knows all kinds. */
public interface Normalizer {

  /** The text in its normal form. */
  String normalize(String text);

  /** An encoder that normalizes a text in chunks on its way to another. */
  TokenEncoder before(TokenEncoder next);
}
