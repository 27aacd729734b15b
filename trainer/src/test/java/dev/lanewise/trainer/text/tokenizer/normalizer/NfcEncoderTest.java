package dev.lanewise.trainer.text.tokenizer.normalizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class NfcEncoderTest {

  /** What canonical decompositions have behind their first character can join one before it. */
  @Test
  void noCharacterThatJoinsIsTakenForOneThatDoesNot() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        continue;
      }
      String parts = Normalizer.normalize(Character.toString(c), Form.NFD);
      for (int i = parts.offsetByCodePoints(0, 1); i < parts.length(); ) {
        int part = parts.codePointAt(i);
        assertThat(NfcEncoder.joinsNothingBefore(part)).as("U+%04X in U+%04X", part, c).isFalse();
        i += Character.charCount(part);
      }
    }
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "e", "\u0301", "\u0323", "\u0307", "q", "\u1112", "\u1161", "\u11ab", "\uac00",
            "\u212b", "é", "\u0344", "😀", " ", "\u09c7", "\u09be", "\u304b", "\u3099", "Ω")
        .list()
        .ofMaxSize(12)
        .map(parts -> String.join("", parts));
  }

  @Property
  void chunksAreNormalizedAsTheWhole(
      @ForAll("texts") String text, @ForAll @IntRange(min = 1, max = 5) int chunk)
      throws IOException {
    assertThat(normalized(text.getBytes(UTF_8), chunk))
        .isEqualTo(Normalizer.normalize(text, Form.NFC));
  }

  @Test
  void aRunThatOnlyJoinsIsCut() throws IOException {
    byte[] text = ("e" + "\u0301".repeat(200_000)).getBytes(UTF_8);
    String once = normalized(text, text.length);
    assertThat(once).startsWith("é\u0301").hasSize(200_000);
    assertThat(normalized(text, 1000)).isEqualTo(once);
  }

  private static String normalized(byte[] utf8, int chunk) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TokenEncoder encoder =
        new NfcEncoder(
            new TokenEncoder() {
              @Override
              public void write(byte[] bytes, int offset, int length) {
                out.write(bytes, offset, length);
              }

              @Override
              public void finish() {
                // All is there.
              }
            });
    for (int at = 0; at < utf8.length; at += chunk) {
      encoder.write(utf8, at, Math.min(chunk, utf8.length - at));
    }
    encoder.finish();
    return out.toString(UTF_8);
  }
}
