package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.ByteAlphabet;
import dev.lanewise.trainer.text.tokenizer.TokenBytes;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.merge.MergeTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The vocabulary and the merges of byte pairs, by the ids that a file or GPT-2's order gives. */
final class BytePairModel {

  /** No id. */
  static final int NONE = -1;

  /**
   * What else a file says of its model.
   *
   * @param unknown id that stands for bytes which the vocabulary does not have, or {@link #NONE}
   * @param fuseUnknown whether it stands for a run of them
   * @param ignoreMerges whether a piece that is in the vocabulary is taken whole
   */
  record Rules(int unknown, boolean fuseUnknown, boolean ignoreMerges) {
    static final Rules PLAIN = new Rules(NONE, false, false);
  }

  private final List<String> shown;
  private final Map<String, Integer> idsByName;
  private final int[] byteIds = new int[ByteAlphabet.SIZE];
  private final MergeTable table;
  private final Rules rules;

  /**
   * Makes a model.
   *
   * @param shown the tokens by id, as vocabulary files show them
   * @param merges pairs of ids, packed by {@link MergeTable#pair}; the tokens that they make are in
   *     the vocabulary
   */
  BytePairModel(List<String> shown, long[] merges, Rules rules) {
    if (shown.size() > Tokenizer.MAX_VOCABULARY) {
      throw new IllegalArgumentException(
          "%d tokens are more than the %d possible"
              .formatted(shown.size(), Tokenizer.MAX_VOCABULARY));
    }
    this.shown = List.copyOf(shown);
    this.rules = rules;
    this.idsByName = new HashMap<>();
    for (int id = 0; id < shown.size(); id++) {
      idsByName.put(shown.get(id), id);
    }
    for (int b = 0; b < byteIds.length; b++) {
      byteIds[b] = idsByName.getOrDefault(ByteAlphabet.show((byte) b), NONE);
    }
    this.table = new MergeTable(merges.length);
    for (long merge : merges) {
      String made = shown.get(MergeTable.left(merge)) + shown.get(MergeTable.right(merge));
      table.add(merge, idsByName.get(made));
    }
  }

  /**
   * GPT-2's order: bytes, then merges.
   *
   * @throws IllegalArgumentException when a merge uses an id that is not there yet, or tokens are
   *     too long, too many or equal
   */
  static BytePairModel inOrder(long[] merges) {
    List<String> shown = new ArrayList<>();
    for (int id = 0; id < ByteAlphabet.SIZE; id++) {
      shown.add(ByteAlphabet.show(ByteAlphabet.byteOf(id)));
    }
    Set<String> seen = new HashSet<>();
    for (long merge : merges) {
      int id = shown.size();
      int left = MergeTable.left(merge);
      int right = MergeTable.right(merge);
      if (left < 0 || left >= id || right < 0 || right >= id) {
        throw new IllegalArgumentException(
            "token %d joins tokens %d and %d, but only 0 to %d are there before it"
                .formatted(id, left, right, id - 1));
      }
      String token = shown.get(left) + shown.get(right);
      TokenBytes.Builder.requireLength(id, token.length());
      if (!seen.add(token)) {
        throw new IllegalArgumentException(
            "token %d, made of tokens %d and %d, is there already".formatted(id, left, right));
      }
      shown.add(token);
    }
    return new BytePairModel(shown, merges, Rules.PLAIN);
  }

  /** The tokens by id, as vocabulary files show them. */
  List<String> shown() {
    return shown;
  }

  /** The id of a token as vocabulary files show it, or {@link #NONE}. */
  int id(String token) {
    return idsByName.getOrDefault(token, NONE);
  }

  /** The ids of the bytes, by {@code b & 0xFF}; {@link #NONE} for one that is not there. */
  int[] byteIds() {
    return byteIds.clone();
  }

  MergeTable table() {
    return table;
  }

  Rules rules() {
    return rules;
  }

  /** Ids that no byte has and no merge makes. */
  List<Integer> unmade() {
    boolean[] made = new boolean[shown.size()];
    for (int id : byteIds) {
      if (id != NONE) {
        made[id] = true;
      }
    }
    for (int i = 0; i < table.size(); i++) {
      made[table.id(i)] = true;
    }
    List<Integer> unmade = new ArrayList<>();
    for (int id = 0; id < made.length; id++) {
      if (!made[id]) {
        unmade.add(id);
      }
    }
    return unmade;
  }

  /** Whether bytes and merges have the ids of {@link #inOrder}; other tokens may follow. */
  boolean isInOrder() {
    for (int b = 0; b < ByteAlphabet.SIZE; b++) {
      if (byteIds[b] != ByteAlphabet.idOf((byte) b)) {
        return false;
      }
    }
    for (int i = 0; i < table.size(); i++) {
      if (table.id(i) != ByteAlphabet.SIZE + i) {
        return false;
      }
    }
    return rules.equals(Rules.PLAIN);
  }
}
