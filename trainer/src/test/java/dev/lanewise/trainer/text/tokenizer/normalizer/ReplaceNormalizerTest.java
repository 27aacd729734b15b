package dev.lanewise.trainer.text.tokenizer.normalizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplaceNormalizerTest {

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  private final TokenEncoder last =
      new TokenEncoder() {
        @Override
        public void write(byte[] utf8, int offset, int length) {
          written.write(utf8, offset, length);
        }

        @Override
        public void finish() {
          written.write('|');
        }
      };

  private String inChunks(Normalizer normalizer, int chunk, String... texts) throws IOException {
    written.reset();
    TokenEncoder encoder = normalizer.before(last);
    for (String text : texts) {
      byte[] utf8 = text.getBytes(UTF_8);
      for (int at = 0; at < utf8.length; at += chunk) {
        encoder.write(utf8, at, Math.min(chunk, utf8.length - at));
      }
      encoder.finish();
    }
    return written.toString(UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "aab, X, aaab aab aaaab aa, aX X aaX aa",
    "aa, X, aaaaa, XXa",
    "abab, X, abaababababa, abaXXa",
    "\u00e9, e\u0301, \u00e9\u00e8\u00e9, e\u0301\u00e8e\u0301",
    "a, '', banana, bnn"
  })
  void occurrencesAreReplacedFromTheLeft(String pattern, String content, String text, String normal)
      throws IOException {
    Normalizer normalizer = new ReplaceNormalizer(pattern, content);
    assertThat(normalizer.normalize(text)).isEqualTo(normal);
    for (int chunk = 1; chunk < 9; chunk++) {
      assertThat(inChunks(normalizer, chunk, text, text))
          .isEqualTo(normalizer.normalize(text) + "|" + normalizer.normalize(text) + "|");
    }
  }

  @Test
  void nothingIsPutBeforeATextWithoutCharacters() throws IOException {
    Normalizer normalizer = new PrependNormalizer("\u2581");
    assertThat(normalizer.normalize("")).isEmpty();
    assertThat(normalizer.normalize(" a")).isEqualTo("\u2581 a");
    for (int chunk = 1; chunk < 4; chunk++) {
      assertThat(inChunks(normalizer, chunk, "", " a", "", "b")).isEqualTo("|\u2581 a||\u2581b|");
    }
  }
}
