package dev.lanewise.trainer.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;
import org.junit.jupiter.api.Test;

class BoundedTokenizerTest {

  private static final int END = BytePairTokenizer.GPT2_VOCABULARY - 1;

  private final Tokenizer whole = BytePairTokenizer.gpt2();

  @Test
  void whatFitsIsLeftAlone() {
    assertThat(BoundedTokenizer.of(whole, END + 1)).isSameAs(whole);
    assertThat(BoundedTokenizer.of(whole, END + 100)).isSameAs(whole);
  }

  @Test
  void aTokenThatNoTextHasIsToldAndRefusedWhereItComesUp() {
    Tokenizer bounded = BoundedTokenizer.of(whole, END);
    assertThat(((BoundedTokenizer) bounded).describe())
        .contains("1 token beyond the 50256", "<|endoftext|> has id 50256");
    assertThat(bounded.vocabularySize()).isEqualTo(END);
    assertThat(bounded.endToken()).isEmpty();
    assertThat(bounded.encode(Texts.SAMPLE + "<|endoftext|>"))
        .isEqualTo(whole.encode(Texts.SAMPLE + "<|endoftext|>"));
    assertThat(bounded.fingerprint()).isEqualTo(whole.fingerprint());
    assertThatThrownBy(() -> bounded.encodeWithSpecial("a<|endoftext|>b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("<|endoftext|>", "50256");
    assertThatThrownBy(
            () -> {
              TokenEncoder encoder = bounded.encoder((ids, count) -> {}, true);
              byte[] text = Utf8.bytes("a<|endoftext|>b");
              encoder.write(text, 0, text.length);
              encoder.finish();
            })
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("<|endoftext|>");
  }

  @Test
  void tokensThatAnyTextMayHaveAreRefusedAtOnce() {
    assertThatThrownBy(() -> BoundedTokenizer.of(whole, END - 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("is 50255, but the tokenizer beside it has 50257 tokens");
  }
}
