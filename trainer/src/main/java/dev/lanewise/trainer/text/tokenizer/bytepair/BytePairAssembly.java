package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Vocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a tokenizer together from a vocabulary and merges, as files have them, and checks that they
 * fit.
 *
 * @param vocabularyFile for messages
 * @param mergesFile for messages, with the name of the field that holds the merges
 */
record BytePairAssembly(
    Path vocabularyFile, Vocabulary vocabulary, Path mergesFile, String mergesField) {

  private static final Logger LOG = LoggerFactory.getLogger(BytePairAssembly.class);

  /** What special tokens look like where no file lists them. */
  private static final Pattern SPECIAL = Pattern.compile("<.+>|\\[.+]");

  /** From a file that lists the added tokens; what is neither made nor added is not reached. */
  BytePairTokenizer of(List<String[]> merges, Map<Integer, AddedToken> added, String unknown)
      throws InvalidFileException {
    requireFit(added);
    Map<String, Integer> ids = ids();
    List<Integer> made = made(merges, ids);
    added.values().forEach(token -> ids.put(token.name(), token.id()));
    List<TokenIds.Unreachable> unreachable = new ArrayList<>();
    for (int id : left(made)) {
      if (!added.containsKey(id)) {
        unreachable.add(new TokenIds.Unreachable(id, vocabulary.tokens().get(id)));
      }
    }
    if (!unreachable.isEmpty()) {
      LOG.warn(
          "{}: {} of {} tokens, such as \"{}\", are made by no merge; no text is encoded to them",
          mergesFile,
          unreachable.size(),
          vocabulary.tokens().size(),
          unreachable.getFirst().shown());
    }
    int unknownId = unknown.isEmpty() ? TokenIds.NONE : ids.getOrDefault(unknown, TokenIds.NONE);
    return tokenizer(merges, made, added.values(), unreachable, unknownId);
  }

  /** From two files that do not list special tokens: what no merge makes has to look like one. */
  BytePairTokenizer ofTwoFiles(List<String[]> merges) throws InvalidFileException {
    List<Integer> made = made(merges, ids());
    Map<Integer, AddedToken> added = new TreeMap<>();
    for (int id : left(made)) {
      String name = vocabulary.tokens().get(id);
      if (!SPECIAL.matcher(name).matches()) {
        throw new InvalidFileException(
            mergesFile,
            "",
            "its %d merges do not make up the vocabulary: \"%s\", id %d, is made by none; the file may be cut short"
                .formatted(merges.size(), name, id));
      }
      added.put(id, AddedToken.special(id, name));
    }
    return tokenizer(merges, made, added.values(), List.of(), TokenIds.NONE);
  }

  private BytePairTokenizer tokenizer(
      List<String[]> merges,
      List<Integer> made,
      Collection<AddedToken> added,
      List<TokenIds.Unreachable> unreachable,
      int unknown)
      throws InvalidFileException {
    try {
      return new BytePairTokenizer(
          pairs(merges),
          new TokenIds(made, List.copyOf(added), List.copyOf(unreachable), unknown, null));
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(mergesFile, mergesField, e.getMessage(), e);
    }
  }

  private void requireFit(Map<Integer, AddedToken> added) throws InvalidFileException {
    int next = vocabulary.tokens().size();
    for (AddedToken token : added.values()) {
      if (token.id() < vocabulary.tokens().size()) {
        String there = vocabulary.tokens().get(token.id());
        if (!there.equals(token.name())) {
          throw new InvalidFileException(
              vocabularyFile,
              "added_tokens",
              "id %d is \"%s\", but \"%s\" in the vocabulary"
                  .formatted(token.id(), token.name(), there));
        }
      } else if (token.id() != next++) {
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

  /** The ids of bytes and merges. */
  private List<Integer> made(List<String[]> merges, Map<String, Integer> ids)
      throws InvalidFileException {
    List<Integer> made = new ArrayList<>();
    for (int i = 0; i < ByteAlphabet.SIZE; i++) {
      String shown = ByteAlphabet.show(new byte[] {ByteAlphabet.byteOf(i)});
      made.add(ids.getOrDefault(shown, TokenIds.NONE));
    }
    for (String[] merge : merges) {
      String token = String.join("", merge);
      Integer id = ids.get(token);
      if (id == null) {
        throw new InvalidFileException(
            vocabularyFile,
            vocabulary.field(),
            "\"%s\" is not among its %d tokens, but \"%s\" and \"%s\" merge into it"
                .formatted(token, vocabulary.tokens().size(), merge[0], merge[1]));
      }
      made.add(id);
    }
    return List.copyOf(made);
  }

  /** Ids of the vocabulary that are neither a byte nor made by a merge. */
  private List<Integer> left(List<Integer> made) {
    Set<Integer> known = new HashSet<>(made);
    List<Integer> left = new ArrayList<>();
    for (int id = 0; id < vocabulary.tokens().size(); id++) {
      if (!known.contains(id)) {
        left.add(id);
      }
    }
    return left;
  }

  /** The merges as pairs of places: a byte's in the alphabet, 256 + i for merge i. */
  private long[] pairs(List<String[]> merges) throws InvalidFileException {
    Map<String, Integer> places = new HashMap<>();
    Set<String> tokens = new HashSet<>(vocabulary.tokens());
    for (int i = 0; i < ByteAlphabet.SIZE; i++) {
      String shown = ByteAlphabet.show(new byte[] {ByteAlphabet.byteOf(i)});
      if (tokens.contains(shown)) {
        places.put(shown, i);
      }
    }
    for (int i = 0; i < merges.size(); i++) {
      places.putIfAbsent(String.join("", merges.get(i)), ByteAlphabet.SIZE + i);
    }
    long[] pairs = new long[merges.size()];
    for (int i = 0; i < pairs.length; i++) {
      String field = mergesField + "[" + i + "]";
      pairs[i] =
          MergeTable.pair(
              place(places, merges.get(i)[0], field), place(places, merges.get(i)[1], field));
    }
    return pairs;
  }

  private int place(Map<String, Integer> places, String token, String field)
      throws InvalidFileException {
    Integer place = places.get(token);
    if (place == null) {
      throw new InvalidFileException(
          mergesFile, field, "\"" + token + "\" is not a token that bytes or merges make");
    }
    return place;
  }
}
