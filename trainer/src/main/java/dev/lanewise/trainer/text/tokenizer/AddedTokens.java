package dev.lanewise.trainer.text.tokenizer;

import java.util.List;
import java.util.function.UnaryOperator;

/** Added tokens to look for in texts, by their names as the texts have them. Immutable. */
public final class AddedTokens {

  private final List<AddedToken> tokens;
  private final NameTree names;

  /**
   * Prepares the search.
   *
   * @param spelling how a name is written in the texts
   */
  public AddedTokens(List<AddedToken> tokens, UnaryOperator<String> spelling) {
    this.tokens = List.copyOf(tokens);
    this.names =
        new NameTree(
            tokens.stream().map(token -> Utf8.bytes(spelling.apply(token.name()))).toList());
  }

  /** Whether some of them are found in a text, special ones only if asked for. */
  public boolean isFound(boolean special) {
    return tokens.stream().anyMatch(token -> special || !token.special());
  }

  /**
   * An encoder that finds them.
   *
   * @param special whether the names of special tokens stand for the tokens
   * @param plain encodes the text between them into the same sink
   */
  public TokenEncoder encoder(boolean special, TokenEncoder plain, TokenSink sink) {
    return new AddedTokenEncoder(this, special, plain, sink);
  }

  List<AddedToken> tokens() {
    return tokens;
  }

  NameTree names() {
    return names;
  }
}
