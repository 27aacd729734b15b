package dev.lanewise.trainer.text.tokenizer.merge;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import dev.lanewise.trainer.text.tokenizer.Vocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A vocabulary and its merges, as files have them, and whether they fit.
 *
 * @param vocabularyFile for messages
 * @param mergesFile for messages, with the name of the field that holds the merges
 */
public record MergeAssembly(
    Path vocabularyFile, Vocabulary vocabulary, Path mergesFile, String mergesField) {

  private static final LateLogger LOG = new LateLogger(MergeAssembly.class);

  /** Where a {@code tokenizer.json} has the merges. */
  public static final String MERGES = "model.merges";

  /** Those of a {@code tokenizer.json}. */
  public static MergeAssembly of(TokenizerJson json) {
    return new MergeAssembly(json.file(), json.vocabulary(), json.file(), MERGES);
  }

  /**
   * Refuses settings that change how pairs merge and are not known here.
   *
   * @throws InvalidFileException that names one
   */
  public static void requireKnown(TokenizerJson json) throws InvalidFileException {
    json.require("model.dropout", "", "0", "0.0");
    for (String setting : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      json.require("model." + setting, "");
    }
  }

  /**
   * Checks that the added tokens have ids of their own, or those of the vocabulary.
   *
   * @param added as the file lists them
   * @throws InvalidFileException that names one that does not
   */
  public void requireFit(Collection<AddedToken> added) throws InvalidFileException {
    Map<String, Integer> ids = ids();
    for (AddedToken token : added) {
      int there = ids.getOrDefault(token.name(), token.id());
      if (token.id() < vocabulary.tokens().size()
          && !Set.of(token.name(), Vocabulary.NONE).contains(vocabulary.tokens().get(token.id()))) {
        throw new InvalidFileException(
            vocabularyFile,
            "added_tokens",
            "id %d is \"%s\", but \"%s\" in the vocabulary"
                .formatted(token.id(), token.name(), vocabulary.tokens().get(token.id())));
      }
      if (there != token.id()) {
        throw new InvalidFileException(
            vocabularyFile,
            "added_tokens",
            "\"%s\" is id %d, but %d in the vocabulary".formatted(token.name(), token.id(), there));
      }
    }
    warnOfGaps(added, ids.keySet());
  }

  /** Hugging Face's library numbers them itself, from the vocabulary's size on. */
  private void warnOfGaps(Collection<AddedToken> added, Set<String> names) {
    int next = (int) names.stream().filter(name -> !name.equals(Vocabulary.NONE)).count();
    for (AddedToken token : added) {
      if (names.contains(token.name())) {
        next = Math.max(next, token.id() + 1);
      } else if (token.id() != next++) {
        LOG.warn(
            "{}: added_tokens: \"{}\" is id {}, though the next free one is {}; Hugging Face's"
                + " tokenizers would give it that one, Lanewise takes the file at its word",
            vocabularyFile,
            token.name(),
            token.id(),
            next - 1);
        return;
      }
    }
  }

  private Map<String, Integer> ids() {
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < vocabulary.tokens().size(); id++) {
      ids.put(vocabulary.tokens().get(id), id);
    }
    return ids;
  }

  /**
   * The merges as pairs of ids, packed by {@link MergeTable#pair}.
   *
   * @throws InvalidFileException when one has or makes a token that is not in the vocabulary
   */
  public long[] pairs(List<String[]> merges) throws InvalidFileException {
    Map<String, Integer> ids = ids();
    long[] pairs = new long[merges.size()];
    for (int i = 0; i < pairs.length; i++) {
      String[] merge = merges.get(i);
      String token = String.join("", merge);
      if (!ids.containsKey(token)) {
        throw new InvalidFileException(
            vocabularyFile,
            vocabulary.field(),
            "\"%s\" is not among its %d tokens, but \"%s\" and \"%s\" merge into it"
                .formatted(token, vocabulary.tokens().size(), merge[0], merge[1]));
      }
      pairs[i] = MergeTable.pair(id(ids, merge[0], i), id(ids, merge[1], i));
    }
    return pairs;
  }

  private int id(Map<String, Integer> ids, String token, int merge) throws InvalidFileException {
    Integer id = ids.get(token);
    if (id == null) {
      throw new InvalidFileException(
          mergesFile,
          mergesField + "[" + merge + "]",
          "\"" + token + "\" is not a token of the vocabulary");
    }
    return id;
  }

  /** The tokens by id, added ones too; {@link Vocabulary#NONE} where there is none. */
  public static List<String> withAdded(List<String> tokens, List<AddedToken> added) {
    List<String> all = new ArrayList<>(tokens);
    for (AddedToken token : added) {
      while (all.size() <= token.id()) {
        all.add(Vocabulary.NONE);
      }
      all.set(token.id(), token.name());
    }
    return all;
  }

  /**
   * As {@link #withAdded}, but as tokens are decoded: one that is sought in the normalized text is
   * what it stands for there, with the marks of its spaces.
   */
  public static List<String> decodable(List<String> tokens, TextRules rules) {
    List<String> all = withAdded(tokens, rules.added());
    rules.added().stream()
        .filter(AddedToken::normalized)
        .forEach(token -> all.set(token.id(), rules.normalizer().normalize(token.name())));
    return all;
  }

  /** Warns of tokens that no text is encoded to; added ones are sought by their names. */
  public void warnOfUnmade(List<Integer> unmade, Set<Integer> added) {
    List<Integer> unreachable =
        unmade.stream()
            .filter(id -> !added.contains(id))
            .filter(id -> !vocabulary.tokens().get(id).equals(Vocabulary.NONE))
            .toList();
    if (!unreachable.isEmpty()) {
      LOG.warn(
          "{}: {} of {} tokens, such as \"{}\", are made by no merge; no text is encoded to"
              + " them",
          mergesFile,
          unreachable.size(),
          vocabulary.tokens().size(),
          vocabulary.tokens().get(unreachable.getFirst()));
    }
  }
}
