package dev.lanewise.trainer.text.tokenizer.character;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.fixture.Tokenizers;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CharacterTokenizerTest {

  @Provide
  Arbitrary<String> any() {
    return Texts.any();
  }

  @Test
  void idsAreInTheOrderOfCodePoints() {
    CharacterTokenizer tokenizer = Tokenizers.characters("b😀a\nbé");
    assertThat(tokenizer.vocabularySize()).isEqualTo(5);
    assertThat(tokenizer.encode("\nabé😀")).containsExactly(0, 1, 2, 3, 4);
    assertThat(tokenizer.decode(new int[] {4, 3, 2})).isEqualTo("😀éb");
    assertThat(tokenizer.tokenBytes(3)).isEqualTo("é".getBytes(UTF_8));
  }

  @Property
  void decodingGivesTheTextBack(@ForAll("any") String text) {
    Assume.that(!text.isEmpty());
    CharacterTokenizer tokenizer = Tokenizers.characters(text);
    assertThat(tokenizer.decode(tokenizer.encode(text)))
        .isEqualTo(Texts.withoutLoneSurrogates(text));
  }

  @Property
  void streamingGivesTheSameIds(
      @ForAll("any") String text, @ForAll @IntRange(min = 1, max = 9) int chunk)
      throws IOException {
    Assume.that(!text.isEmpty());
    CharacterTokenizer tokenizer = Tokenizers.characters(text);
    List<Integer> ids = new ArrayList<>();
    TokenEncoder encoder =
        tokenizer.encoder(
            (block, count) -> {
              for (int i = 0; i < count; i++) {
                ids.add(block[i]);
              }
            });
    byte[] utf8 = Utf8.bytes(text);
    for (int at = 0; at < utf8.length; at += chunk) {
      encoder.write(utf8, at, Math.min(chunk, utf8.length - at));
    }
    encoder.finish();
    assertThat(ids.stream().mapToInt(Integer::intValue).toArray())
        .isEqualTo(tokenizer.encode(text));
  }

  @Test
  void anUnknownCharacterIsNamedWithItsPosition() throws IOException {
    CharacterTokenizer tokenizer = Tokenizers.characters("ab😀");
    assertThatThrownBy(() -> tokenizer.encode("a😀bé"))
        .isInstanceOfSatisfying(
            UnknownCharacterException.class,
            e -> {
              assertThat(e.codePoint()).isEqualTo('é');
              assertThat(e.position()).isEqualTo(3);
            })
        .hasMessageContaining("'é' (U+00E9) at position 3");
    TokenEncoder encoder = tokenizer.encoder((ids, count) -> {});
    encoder.write("ab".getBytes(UTF_8), 0, 2);
    assertThatThrownBy(() -> encoder.write("a\n".getBytes(UTF_8), 0, 2))
        .isInstanceOf(UnknownCharacterException.class)
        .hasMessageContaining("(control) (U+000A) at position 3");
  }

  @Test
  void refusesAnEmptyTextAndWhatIsNoCharacter() {
    assertThatThrownBy(() -> Tokenizers.characters(""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CharacterTokenizer(new int[] {'a', 0xD800}))
        .hasMessageContaining("D800");
    assertThatThrownBy(() -> new CharacterTokenizer(new int[] {'a', 'b', 'a'}))
        .hasMessageContaining("0 and 2");
  }
}
