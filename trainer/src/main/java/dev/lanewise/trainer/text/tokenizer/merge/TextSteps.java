package dev.lanewise.trainer.text.tokenizer.merge;

import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.AddedTokens;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.normalizer.Normalizers;
import java.io.IOException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The steps of a text before pairs are merged: added tokens are found in it, what is between them
 * is normalized, and other added tokens are found in that. What is left goes on, part by part: each
 * part ends with {@link TokenEncoder#finish}.
 */
public final class TextSteps {

  private final TextRules rules;
  private final AddedTokens inText;
  private final AddedTokens inNormalText;

  public TextSteps(TextRules rules) {
    this.rules = rules;
    this.inText =
        new AddedTokens(
            rules.added().stream().filter(t -> !t.normalized()).toList(), UnaryOperator.identity());
    this.inNormalText =
        new AddedTokens(
            rules.added().stream().filter(AddedToken::normalized).toList(),
            name -> rules.normalizer().normalize(name));
  }

  /** Whether a text in which special tokens are not sought goes on as it is. */
  public boolean areNone() {
    return !inText.isFound(false)
        && !inNormalText.isFound(false)
        && rules.normalizer().equals(Normalizers.NONE);
  }

  /**
   * An encoder that does the steps.
   *
   * @param parts encodes what is left, into the same sink
   * @param special whether the names of special tokens stand for the tokens
   */
  public TokenEncoder before(TokenEncoder parts, TokenSink sink, boolean special) {
    TokenEncoder encoder = parts;
    if (inNormalText.isFound(special)) {
      encoder = inNormalText.encoder(special, encoder, sink);
    }
    encoder = rules.normalizer().before(encoder);
    return inText.isFound(special) ? inText.encoder(special, encoder, sink) : encoder;
  }

  /** All ids that an encoder gives for a text. */
  public static int[] encode(String text, Function<TokenSink, TokenEncoder> encoder) {
    IntStream.Builder all = IntStream.builder();
    TokenEncoder collecting =
        encoder.apply(
            (some, count) -> {
              for (int i = 0; i < count; i++) {
                all.add(some[i]);
              }
            });
    byte[] utf8 = Utf8.bytes(text);
    try {
      collecting.write(utf8, 0, utf8.length);
      collecting.finish();
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail", e);
    }
    return all.build().toArray();
  }
}
