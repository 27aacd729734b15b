package dev.lanewise.trainer.export;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Scores of tokens with which llama.cpp gives the ids that merges give. It knows no merges: it
 * joins any two neighbours that make a token, of the highest score first, the leftmost among
 * equals.
 *
 * <p>That is the same for these reasons. When two neighbours that make a token X lie side by side,
 * nothing has merged over the borders of X so far, so what has merged inside is what merges first
 * in X as a text of its own. Of that text's states only one has two parts. If the merges join
 * these, then X is made of them alone, in any text, whatever other merges make X: both choose among
 * the same neighbours, and minus the rank of that one merge as X's score puts them into the same
 * order. If the merges do not join them, llama.cpp still would, and the tokenizer is refused.
 */
final class MergeScores {

  private record Pair(String left, String right) {}

  private final ConfigFields model;
  private final Map<Pair, Integer> ranks = new HashMap<>();

  private MergeScores(ConfigFields model, List<String> merges) {
    this.model = model;
    for (int rank = 0; rank < merges.size(); rank++) {
      int space = merges.get(rank).indexOf(' ');
      ranks.put(
          new Pair(merges.get(rank).substring(0, space), merges.get(rank).substring(space + 1)),
          rank);
    }
  }

  /**
   * The scores of tokens.
   *
   * @param model for messages
   * @param merges in their order, with a space between the two tokens of each
   * @throws InvalidFileException that names a token for which there is no such score
   */
  static List<Float> of(ConfigFields model, List<String> tokens, List<String> merges)
      throws InvalidFileException {
    MergeScores ranked = new MergeScores(model, merges);
    List<Float> scores = new ArrayList<>();
    for (String token : tokens) {
      scores.add((float) -ranked.lastRank(token));
    }
    return Collections.unmodifiableList(scores);
  }

  /**
   * The rank of the merge that makes a token of its two parts; of one that is not made, the last.
   */
  private int lastRank(String token) throws InvalidFileException {
    List<String> parts = new ArrayList<>();
    token.codePoints().forEach(c -> parts.add(Character.toString(c)));
    int rank = ranks.size();
    while (parts.size() > 1) {
      int at = first(parts);
      if (at < 0) {
        requireMore(token, parts);
        return ranks.size();
      }
      rank = rank(parts, at);
      parts.set(at, parts.get(at) + parts.remove(at + 1));
    }
    return rank;
  }

  /** The place of the pair that merges first, or -1. */
  private int first(List<String> parts) {
    int best = -1;
    for (int i = 0; i + 1 < parts.size(); i++) {
      if (rank(parts, i) < (best < 0 ? Integer.MAX_VALUE : rank(parts, best))) {
        best = i;
      }
    }
    return best;
  }

  private int rank(List<String> parts, int at) {
    return ranks.getOrDefault(new Pair(parts.get(at), parts.get(at + 1)), Integer.MAX_VALUE);
  }

  private void requireMore(String token, List<String> parts) throws InvalidFileException {
    if (parts.size() == 2) {
      throw model.problem(
          "merges",
          "do not join %s and %s, but llama.cpp would, because %s is a token"
              .formatted(
                  InvalidFileException.quote(parts.get(0)),
                  InvalidFileException.quote(parts.get(1)),
                  InvalidFileException.quote(token)));
    }
  }
}
