package dev.lanewise.trainer.text.tokenizer.bytepair;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lanewise.trainer.text.tokenizer.ByteAlphabet;
import dev.lanewise.trainer.text.tokenizer.merge.MergeTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Byte pair training and encoding written down as they are defined, without a thought for speed:
 * the oracle of the tests.
 */
final class NaiveBytePairs {

  private static final Pattern PIECES =
      Pattern.compile(
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  /** Two neighbouring ids. */
  record Pair(int left, int right) {}

  private NaiveBytePairs() {}

  /** At most {@code count} merges. */
  static List<Pair> train(String text, int count) {
    List<List<Integer>> pieces = pieces(text);
    List<Pair> merges = new ArrayList<>();
    while (merges.size() < count) {
      Map<Pair, Integer> counts = new HashMap<>();
      for (List<Integer> piece : pieces) {
        for (int i = 0; i + 1 < piece.size(); i++) {
          counts.merge(new Pair(piece.get(i), piece.get(i + 1)), 1, Integer::sum);
        }
      }
      Pair best = null;
      for (Pair pair : counts.keySet()) {
        if (best == null || isBetter(pair, best, counts)) {
          best = pair;
        }
      }
      if (best == null || counts.get(best) < 2) {
        break;
      }
      int id = ByteAlphabet.SIZE + merges.size();
      merges.add(best);
      for (List<Integer> piece : pieces) {
        replace(piece, best, id);
      }
    }
    return merges;
  }

  private static boolean isBetter(Pair a, Pair b, Map<Pair, Integer> counts) {
    int difference = counts.get(a) - counts.get(b);
    if (difference != 0) {
      return difference > 0;
    }
    return a.left() != b.left() ? a.left() < b.left() : a.right() < b.right();
  }

  private static void replace(List<Integer> piece, Pair pair, int id) {
    for (int i = 0; i + 1 < piece.size(); i++) {
      if (piece.get(i) == pair.left() && piece.get(i + 1) == pair.right()) {
        piece.set(i, id);
        piece.subList(i + 1, i + 2).clear();
      }
    }
  }

  /** Applies the merges to the text, one after another, each everywhere. */
  static int[] encode(String text, List<Pair> merges) {
    List<List<Integer>> pieces = pieces(text);
    for (List<Integer> piece : pieces) {
      for (int i = 0; i < merges.size(); i++) {
        replace(piece, merges.get(i), ByteAlphabet.SIZE + i);
      }
    }
    return pieces.stream().flatMap(List::stream).mapToInt(Integer::intValue).toArray();
  }

  private static List<List<Integer>> pieces(String text) {
    List<List<Integer>> pieces = new ArrayList<>();
    PIECES
        .matcher(text)
        .results()
        .forEach(
            match -> {
              List<Integer> ids = new ArrayList<>();
              for (byte b : match.group().getBytes(UTF_8)) {
                ids.add(ByteAlphabet.idOf(b));
              }
              pieces.add(ids);
            });
    return pieces;
  }

  static BytePairTokenizer tokenizer(List<Pair> merges) {
    return new BytePairTokenizer(
        merges.stream().mapToLong(merge -> MergeTable.pair(merge.left(), merge.right())).toArray(),
        List.of());
  }
}
