package dev.lanewise.trainer.text.tokenizer.bytefallback;

import dev.lanewise.trainer.text.tokenizer.merge.MergeTable;
import java.util.List;

/**
 * Between which characters a merge can reach: where the one ends the left token of some merge and
 * the other begins the right one. Anywhere else a text can be cut. No merge crosses such a place,
 * the merges on one side never ask for the other side, and those of each side come in the same
 * order as in the whole: so both parts alone give the ids of the whole.
 */
final class JoinTable {

  private static final int ASCII = 128;

  /** Of the pairs of ASCII, a bit for each. */
  private final long[] ascii = new long[ASCII * ASCII / Long.SIZE];

  private final MergeTable others;

  /**
   * Finds all such pairs.
   *
   * @param tokens by id
   * @param merges pairs of ids, packed by {@link MergeTable#pair}
   */
  JoinTable(List<String> tokens, long[] merges) {
    others = new MergeTable(merges.length);
    for (long merge : merges) {
      String before = tokens.get(MergeTable.left(merge));
      int left = before.codePointBefore(before.length());
      int right = tokens.get(MergeTable.right(merge)).codePointAt(0);
      if (mayJoin(left, right)) {
        continue;
      }
      if ((left | right) < ASCII) {
        ascii[(left * ASCII + right) / Long.SIZE] |= 1L << right;
      } else {
        others.add(MergeTable.pair(left, right), 0);
      }
    }
  }

  boolean mayJoin(int left, int right) {
    return (left | right) < ASCII
        ? (ascii[(left * ASCII + right) / Long.SIZE] >>> right & 1) != 0
        : others.rank(left, right) != MergeTable.NONE;
  }
}
