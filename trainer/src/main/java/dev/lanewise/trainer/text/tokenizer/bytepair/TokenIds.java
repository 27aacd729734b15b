package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.AddedToken;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The ids that a vocabulary gives to bytes, merges and other tokens. GPT-2's order is bytes,
 * merges, added tokens; other files have theirs.
 *
 * @param made ids of the 256 bytes in {@link ByteAlphabet}'s order, then of the merges; -1 for a
 *     byte that the vocabulary does not have
 * @param added tokens that stand for their names
 * @param unreachable tokens that no text is encoded to
 * @param unknown id that stands for bytes which the vocabulary does not have; -1 if there is none
 * @param end name of the added token that ends a document; null if there is none
 */
record TokenIds(
    List<Integer> made,
    List<AddedToken> added,
    List<Unreachable> unreachable,
    int unknown,
    String end) {

  static final int NONE = -1;

  /** What GPT-2 and most others call the end of a document. */
  static final String END_OF_TEXT = "<|endoftext|>";

  /** A token that is in the vocabulary, as it is written there, and that no merge makes. */
  record Unreachable(int id, String shown) {}

  /** GPT-2's order. */
  static TokenIds inOrder(int merges, List<String> specialTokens) {
    int count = ByteAlphabet.SIZE + merges;
    List<AddedToken> added = new ArrayList<>();
    for (String name : specialTokens) {
      added.add(AddedToken.special(count + added.size(), name));
    }
    return new TokenIds(
        IntStream.range(0, count).boxed().toList(), List.copyOf(added), List.of(), NONE, null);
  }

  /** V: one more than the greatest id. */
  int count() {
    return 1
        + IntStream.concat(
                made.stream().mapToInt(Integer::intValue),
                IntStream.concat(
                    added.stream().mapToInt(AddedToken::id),
                    unreachable.stream().mapToInt(Unreachable::id)))
            .max()
            .orElse(NONE);
  }

  /** Whether this is GPT-2's order and nothing beyond it. */
  boolean isInOrder() {
    return equals(inOrder(made.size() - ByteAlphabet.SIZE, names(added)).withEnd(end));
  }

  TokenIds withEnd(String name) {
    return new TokenIds(made, added, unreachable, unknown, name);
  }

  static List<String> names(List<AddedToken> tokens) {
    return tokens.stream().map(AddedToken::name).toList();
  }

  /**
   * Ids of bytes and merges; null if each is its own place, so that nothing is to be translated.
   */
  int[] translation() {
    int[] ids = made.stream().mapToInt(Integer::intValue).toArray();
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] != i) {
        return ids;
      }
    }
    return null;
  }
}
