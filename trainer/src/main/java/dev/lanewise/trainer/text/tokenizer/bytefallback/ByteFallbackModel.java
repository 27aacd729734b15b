package dev.lanewise.trainer.text.tokenizer.bytefallback;

import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.merge.MergeTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The vocabulary and the merges: which ids characters and bytes have, and what merges. */
final class ByteFallbackModel {

  /** No id. */
  static final int NONE = -1;

  private final List<String> tokens;
  private final int unknown;
  private final boolean fuseUnknown;

  /** The ids that pieces have as a whole; empty where they are always merged. */
  private final Map<String, Integer> wholePieces;

  /** By code point, up to the highest that is a token. */
  private final int[] characterIds;

  private final int[] byteIds = new int[ByteTokens.COUNT];
  private final MergeTable table;
  private final JoinTable joins;
  private final int[] lengths;

  /**
   * Makes a model.
   *
   * @param tokens by id
   * @param merges pairs of ids, packed by {@link MergeTable#pair}; the tokens that they make are in
   *     the vocabulary
   * @param unknown id that stands for characters without an id and without bytes, or {@link #NONE}
   * @param fuseUnknown whether it stands for a run of them
   * @param ignoreMerges whether a piece that is in the vocabulary is taken whole
   * @throws IllegalArgumentException when there are too many tokens, or a merge has one that does
   *     not stand for its characters
   */
  ByteFallbackModel(
      List<String> tokens, long[] merges, int unknown, boolean fuseUnknown, boolean ignoreMerges) {
    if (tokens.size() > Tokenizer.MAX_VOCABULARY) {
      throw new IllegalArgumentException(
          "%d tokens are more than the %d possible"
              .formatted(tokens.size(), Tokenizer.MAX_VOCABULARY));
    }
    this.tokens = List.copyOf(tokens);
    this.unknown = unknown;
    this.fuseUnknown = fuseUnknown;
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    this.wholePieces = ignoreMerges ? Map.copyOf(ids) : Map.of();
    this.characterIds = characterIds(tokens);
    for (int b = 0; b < byteIds.length; b++) {
      byteIds[b] = ids.getOrDefault(ByteTokens.name(b), NONE);
    }
    this.table = new MergeTable(merges.length);
    for (int i = 0; i < merges.length; i++) {
      requireCharacters(MergeTable.left(merges[i]), i);
      requireCharacters(MergeTable.right(merges[i]), i);
      table.add(
          merges[i],
          ids.get(
              tokens.get(MergeTable.left(merges[i])) + tokens.get(MergeTable.right(merges[i]))));
    }
    this.joins = new JoinTable(tokens, merges);
    this.lengths =
        tokens.stream().mapToInt(t -> t.getBytes(StandardCharsets.UTF_8).length).toArray();
  }

  private static int[] characterIds(List<String> tokens) {
    int most = -1;
    for (String token : tokens) {
      most = isCharacter(token) ? Math.max(most, token.codePointAt(0)) : most;
    }
    int[] ids = new int[most + 1];
    Arrays.fill(ids, NONE);
    for (int id = 0; id < tokens.size(); id++) {
      if (isCharacter(tokens.get(id))) {
        ids[tokens.get(id).codePointAt(0)] = id;
      }
    }
    return ids;
  }

  private static boolean isCharacter(String token) {
    return !token.isEmpty() && token.length() == Character.charCount(token.codePointAt(0));
  }

  /** Bytes and the unknown stand where their characters do not, so texts could not be cut. */
  private void requireCharacters(int id, int merge) {
    String token = tokens.get(id);
    if (token.isEmpty() || id == unknown || ByteTokens.isByte(token)) {
      throw new IllegalArgumentException(
          "merge %d has \"%s\"; merges of tokens that stand for bytes or for the unknown are not supported"
              .formatted(merge, token));
    }
  }

  /** The tokens by id. */
  List<String> tokens() {
    return tokens;
  }

  /** The id of a character, or {@link #NONE}. */
  int characterId(int codePoint) {
    return codePoint < characterIds.length ? characterIds[codePoint] : NONE;
  }

  /** The id of {@code b & 0xFF}, or {@link #NONE}. */
  int byteId(byte b) {
    return byteIds[b & 0xFF];
  }

  MergeTable table() {
    return table;
  }

  /** Whether a merge can reach over the place between two characters that have ids. */
  boolean mayJoin(int left, int right) {
    return joins.mayJoin(left, right);
  }

  /** The length of a token's name in UTF-8. */
  int length(int id) {
    return lengths[id];
  }

  int unknown() {
    return unknown;
  }

  boolean fuseUnknown() {
    return fuseUnknown;
  }

  boolean ignoresMerges() {
    return !wholePieces.isEmpty();
  }

  /** The id of a piece that is taken whole, or {@link #NONE}. */
  int wholeId(String piece) {
    return wholePieces.getOrDefault(piece, NONE);
  }

  /** The most bytes of a token. */
  int longest() {
    return Arrays.stream(lengths).max().orElse(0);
  }

  /** Ids that are no character and no byte, and that no merge makes. */
  List<Integer> unmade() {
    boolean[] made = new boolean[tokens.size()];
    for (int i = 0; i < table.size(); i++) {
      made[table.id(i)] = true;
    }
    List<Integer> unmade = new ArrayList<>();
    for (int id = 0; id < made.length; id++) {
      String token = tokens.get(id);
      if (!made[id] && id != unknown && !isCharacter(token) && !ByteTokens.isByte(token)) {
        unmade.add(id);
      }
    }
    return unmade;
  }
}
