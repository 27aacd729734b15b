package dev.lanewise.trainer.text.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.Texts;
import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class Utf8Test {

  @Test
  void everyCharacterIsRead() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        continue;
      }
      byte[] utf8 = Character.toString(c).getBytes(UTF_8);
      int decoded = Utf8.decode(utf8, 0, utf8.length);
      assertThat(Utf8.codePoint(decoded)).isEqualTo(c);
      assertThat(Utf8.length(decoded)).isEqualTo(utf8.length);
      for (int cut = 1; cut < utf8.length; cut++) {
        assertThat(Utf8.decode(utf8, 0, cut)).isEqualTo(Utf8.INCOMPLETE);
      }
    }
  }

  @Property(tries = 5000)
  void readsJustWhatJavaReads(
      @ForAll byte first, @ForAll byte second, @ForAll byte third, @ForAll byte fourth) {
    byte[] bytes = {first, second, third, fourth};
    int decoded = Utf8.decode(bytes, 0, bytes.length);
    String java = new String(Arrays.copyOf(bytes, Utf8.length(decoded)), UTF_8);
    assertThat(Utf8.codePoint(decoded)).isEqualTo(java.codePointAt(0));
    if (decoded == Utf8.MALFORMED) {
      assertThat(new String(bytes, UTF_8)).startsWith("\ufffd");
    }
  }

  @Provide
  Arbitrary<String> any() {
    return Texts.any();
  }

  @Property
  void loneSurrogatesBecomeReplacementCharacters(@ForAll("any") String text) {
    assertThat(new String(Utf8.bytes(text), UTF_8)).isEqualTo(Texts.withoutLoneSurrogates(text));
  }
}
