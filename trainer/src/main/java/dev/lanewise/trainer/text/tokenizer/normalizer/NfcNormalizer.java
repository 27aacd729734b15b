package dev.lanewise.trainer.text.tokenizer.normalizer;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import java.text.Normalizer.Form;

/** Unicode's normal form C: what has one character is written as one. */
record NfcNormalizer() implements Normalizer {

  static final String TYPE = "NFC";

  @Override
  public String normalize(String text) {
    return java.text.Normalizer.normalize(text, Form.NFC);
  }

  @Override
  public TokenEncoder before(TokenEncoder next) {
    return new NfcEncoder(next);
  }
}
