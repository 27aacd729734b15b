package dev.lanewise.trainer.text.tokenizer.normalizer;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import java.io.IOException;

/**
 * Puts something before a text that is not empty.
 *
 * @param prefix what
 */
record PrependNormalizer(String prefix) implements Normalizer {

  static final String TYPE = "Prepend";

  static Normalizer read(TokenizerJson json, String path) throws InvalidFileException {
    return new PrependNormalizer(json.setting(path + ".prepend"));
  }

  @Override
  public String normalize(String text) {
    return text.isEmpty() ? text : prefix + text;
  }

  @Override
  public TokenEncoder before(TokenEncoder next) {
    byte[] utf8 = Utf8.bytes(prefix);
    return new TokenEncoder() {
      private boolean atStart = true;

      @Override
      public void write(byte[] text, int offset, int length) throws IOException {
        if (atStart && length > 0) {
          atStart = false;
          next.write(utf8, 0, utf8.length);
        }
        next.write(text, offset, length);
      }

      @Override
      public void finish() throws IOException {
        next.finish();
        atStart = true;
      }
    };
  }
}
