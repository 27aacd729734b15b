package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Vocabulary;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a model together from a vocabulary and merges, as files have them, and checks that they fit.
 *
 * @param vocabularyFile for messages
 * @param mergesFile for messages, with the name of the field that holds the merges
 */
record BytePairAssembly(
    Path vocabularyFile, Vocabulary vocabulary, Path mergesFile, String mergesField) {

  private static final Logger LOG = LoggerFactory.getLogger(BytePairAssembly.class);

  /** What special tokens look like where no file lists them. */
  private static final Pattern SPECIAL = Pattern.compile("<.+>|\\[.+]");

  /** A model whose file lists the added tokens. */
  BytePairModel of(List<String[]> merges, Map<Integer, AddedToken> added, BytePairModel.Rules rules)
      throws InvalidFileException {
    requireFit(added.values());
    BytePairModel model = model(merges, rules);
    List<Integer> unreachable =
        model.unmade().stream().filter(id -> !added.containsKey(id)).toList();
    if (!unreachable.isEmpty() && !rules.ignoreMerges()) {
      LOG.warn(
          "{}: {} of {} tokens, such as \"{}\", are made by no merge; no text is encoded to them",
          mergesFile,
          unreachable.size(),
          vocabulary.tokens().size(),
          vocabulary.tokens().get(unreachable.getFirst()));
    }
    return model;
  }

  /** The special tokens of two files that do not list them: what no merge makes looks like one. */
  Collection<AddedToken> specialTokens(BytePairModel model) throws InvalidFileException {
    Map<Integer, AddedToken> added = new TreeMap<>();
    for (int id : model.unmade()) {
      String name = vocabulary.tokens().get(id);
      if (!SPECIAL.matcher(name).matches()) {
        throw new InvalidFileException(
            mergesFile,
            "",
            "its %d merges do not make up the vocabulary: \"%s\", id %d, is made by none; the file may be cut short"
                .formatted(model.table().size(), name, id));
      }
      added.put(id, AddedToken.special(id, name));
    }
    return added.values();
  }

  private void requireFit(Collection<AddedToken> added) throws InvalidFileException {
    int next = vocabulary.tokens().size();
    Map<String, Integer> ids = ids();
    for (AddedToken token : added) {
      int there = ids.getOrDefault(token.name(), token.id());
      if (token.id() < vocabulary.tokens().size()
          && !vocabulary.tokens().get(token.id()).equals(token.name())) {
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
      if (token.id() >= vocabulary.tokens().size() && token.id() != next++) {
        throw new InvalidFileException(
            vocabularyFile,
            "added_tokens",
            "id %d leaves a gap after id %d".formatted(token.id(), next - 2));
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

  BytePairModel model(List<String[]> merges, BytePairModel.Rules rules)
      throws InvalidFileException {
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
    try {
      return new BytePairModel(vocabulary.tokens(), pairs, rules);
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(mergesFile, mergesField, e.getMessage(), e);
    }
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
}
