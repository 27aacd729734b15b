package dev.lanewise.trainer.text.tokenizer.merge;

import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Fingerprint;
import dev.lanewise.trainer.text.tokenizer.normalizer.Normalizer;
import dev.lanewise.trainer.text.tokenizer.normalizer.Normalizers;
import java.util.List;
import java.util.OptionalInt;

/**
 * What happens to text before it is cut and merged, and to ids behind it.
 *
 * @param added tokens that stand for their names, in the order of their ids
 * @param prefix ids that come before a document's
 * @param end name of the added token that ends a document; null if there is none
 * @param settings what a file says of the steps of a text, in words; empty if they are GPT-2's
 */
public record TextRules(
    Normalizer normalizer,
    List<AddedToken> added,
    List<Integer> prefix,
    String end,
    String settings) {

  /** What GPT-2 and most others call the end of a document. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  /** Keeps copies. */
  public TextRules {
    added = List.copyOf(added);
    prefix = List.copyOf(prefix);
  }

  /** GPT-2's rules. */
  public static TextRules gpt2(List<AddedToken> added) {
    return new TextRules(Normalizers.NONE, added, List.of(), null, "");
  }

  /** The same with another end, if it is the name of an added token. */
  public TextRules withEnd(String name) {
    return isAdded(name) ? new TextRules(normalizer, added, prefix, name, settings) : this;
  }

  private boolean isAdded(String name) {
    return added.stream().anyMatch(token -> token.name().equals(name));
  }

  /** The name of the token that ends a document; null if there is none. */
  public String endName() {
    return end == null && isAdded(END_OF_TEXT) ? END_OF_TEXT : end;
  }

  /** The id of the token that ends a document, if there is one. */
  public OptionalInt endToken() {
    return added.stream()
        .filter(token -> token.name().equals(endName()))
        .mapToInt(AddedToken::id)
        .findFirst();
  }

  /** Whether nothing is beyond GPT-2's rules. */
  public boolean isPlain() {
    return settings.isEmpty()
        && prefix.isEmpty()
        && added.stream().allMatch(t -> t.equals(AddedToken.special(t.id(), t.name())));
  }

  /** Adds the added tokens. */
  public void addTokensTo(Fingerprint sum) {
    sum.add(added.size());
    for (AddedToken token : added) {
      sum.add(token.id());
      sum.add(token.name());
      sum.add(token.special() ? 1 : 0);
      sum.add(token.takesSpaceBefore() ? 1 : 0);
      sum.add(token.takesSpaceAfter() ? 1 : 0);
      // One number for both, so that what was without the second has the sum it always had.
      sum.add((token.normalized() ? 1 : 0) + (token.singleWord() ? 2 : 0));
    }
  }

  /** Adds the rest. */
  public void addStepsTo(Fingerprint sum) {
    sum.add(prefix.size());
    prefix.forEach(sum::add);
    sum.add(settings);
  }
}
