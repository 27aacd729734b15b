package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.normalizer.Normalizer;
import dev.lanewise.trainer.text.tokenizer.normalizer.Normalizers;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PreTokenizer;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PreTokenizers;
import java.util.List;

/**
 * What happens to text before byte pairs are merged, and to ids behind it.
 *
 * @param added tokens that stand for their names, in the order of their ids
 * @param prefix ids that come before a document's
 * @param end name of the added token that ends a document; null if there is none
 * @param settings the normalizer and the pre-tokenizer in words; empty if they are GPT-2's
 */
record BytePairRules(
    Normalizer normalizer,
    PreTokenizer preTokenizer,
    List<AddedToken> added,
    List<Integer> prefix,
    String end,
    String settings) {

  /** What GPT-2 and most others call the end of a document. */
  static final String END_OF_TEXT = "<|endoftext|>";

  /** GPT-2's rules. */
  static BytePairRules gpt2(List<AddedToken> added) {
    return new BytePairRules(
        Normalizers.NONE, PreTokenizers.GPT2, List.copyOf(added), List.of(), null, "");
  }

  /** The same with another end, if it is the name of an added token. */
  BytePairRules withEnd(String name) {
    return isAdded(name)
        ? new BytePairRules(normalizer, preTokenizer, added, prefix, name, settings)
        : this;
  }

  private boolean isAdded(String name) {
    return added.stream().anyMatch(token -> token.name().equals(name));
  }

  /** The name of the token that ends a document; null if there is none. */
  String endName() {
    return end == null && isAdded(END_OF_TEXT) ? END_OF_TEXT : end;
  }

  /** Whether nothing is beyond GPT-2's rules. */
  boolean isPlain() {
    return settings.isEmpty()
        && prefix.isEmpty()
        && added.stream().allMatch(t -> t.equals(AddedToken.special(t.id(), t.name())));
  }
}
