package dev.lanewise.trainer.text;

import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.util.OptionalInt;

/**
 * How the documents of a text become two sequences of ids.
 *
 * @param separator what stands between documents: the name of an added token, which then ends each
 *     document; or text, where a line feed is only put where a document does not end in one; null
 *     for the tokenizer's end token, or a line feed if it has none
 * @param special whether the names of special tokens in the text stand for the tokens
 * @param split which part is for validation
 * @param seed decides the split where documents are drawn
 */
public record CorpusLayout(String separator, boolean special, ValidationSplit split, long seed) {

  /** A line feed. */
  static final String LINE_FEED = "\n";

  /** What runs had before there was a choice: line feeds, no special tokens, the last tenth. */
  public static CorpusLayout former() {
    return new CorpusLayout(LINE_FEED, false, ValidationSplit.TAIL, 0);
  }

  /** The id that ends each document, if one does. */
  OptionalInt endId(Tokenizer tokenizer) {
    if (separator == null) {
      return tokenizer.endToken();
    }
    return tokenizer.addedTokens().stream()
        .filter(token -> token.name().equals(separator))
        .mapToInt(AddedToken::id)
        .findFirst();
  }

  /** The text between documents where no token ends them. */
  String between() {
    return separator == null ? LINE_FEED : separator;
  }

  /** Lines for the label of a corpus; none for what was the only way before. */
  String label() {
    if (equals(former())) {
      return "";
    }
    return "separator %s, special %b, split %s, seed %d\n"
        .formatted(
            separator == null ? "of the tokenizer" : "\"" + separator.replace("\n", "\\n") + "\"",
            special,
            split,
            split == ValidationSplit.TAIL ? 0 : seed);
  }
}
