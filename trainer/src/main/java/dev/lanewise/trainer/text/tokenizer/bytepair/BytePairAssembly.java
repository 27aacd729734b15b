package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Vocabulary;
import dev.lanewise.trainer.text.tokenizer.merge.MergeAssembly;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Puts a model together from a vocabulary and merges, as files have them. */
record BytePairAssembly(MergeAssembly files) {

  /** What special tokens look like where no file lists them. */
  private static final Pattern SPECIAL = Pattern.compile("<.+>|\\[.+]");

  /** A file of merges that lacks those of more tokens than one of so many has been cut. */
  private static final int TOKENS_TO_ONE_UNMADE = 20;

  /** A model whose file lists the added tokens. */
  BytePairModel of(List<String[]> merges, List<AddedToken> added, BytePairModel.Rules rules)
      throws InvalidFileException {
    files.requireFit(added);
    BytePairModel model = model(merges, rules);
    if (!rules.ignoreMerges()) {
      files.warnOfUnmade(
          model.unmade(), added.stream().map(AddedToken::id).collect(Collectors.toSet()));
    }
    return model;
  }

  /**
   * The special tokens of two files that do not list them: what no merge makes and looks like one.
   */
  Collection<AddedToken> specialTokens(BytePairModel model) throws InvalidFileException {
    Map<Integer, AddedToken> added = new TreeMap<>();
    int others = 0;
    for (int id : model.unmade()) {
      String name = files.vocabulary().tokens().get(id);
      if (name.equals(Vocabulary.NONE)) {
        continue;
      }
      if (SPECIAL.matcher(name).matches()) {
        added.put(id, AddedToken.special(id, name));
      } else if (++others * TOKENS_TO_ONE_UNMADE > files.vocabulary().tokens().size()) {
        throw new InvalidFileException(
            files.mergesFile(),
            "",
            "its %d merges do not make up the vocabulary: \"%s\", id %d, is made by none; the file may be cut short"
                .formatted(model.table().size(), name, id));
      }
    }
    files.warnOfUnmade(model.unmade(), added.keySet());
    return added.values();
  }

  BytePairModel model(List<String[]> merges, BytePairModel.Rules rules)
      throws InvalidFileException {
    long[] pairs = files.pairs(merges);
    try {
      return new BytePairModel(files.vocabulary().tokens(), pairs, rules);
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(files.mergesFile(), files.mergesField(), e.getMessage(), e);
    }
  }
}
