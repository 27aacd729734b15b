package dev.lanewise.trainer.settings;

import dev.lanewise.trainer.text.TokenizerChoice;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;

/** How the text of a new model becomes ids. */
public enum TokenizerKind {
  /** Byte-level byte pair encoding, trained on the corpus. */
  BPE {
    @Override
    public TokenizerChoice choice(int vocabulary) {
      return new TokenizerChoice.BytePairs(vocabulary);
    }

    @Override
    public int vocabularyBeforeTheText(int vocabulary) {
      return vocabulary;
    }
  },

  /** One id per character of the corpus. */
  CHAR {
    @Override
    public TokenizerChoice choice(int vocabulary) {
      return new TokenizerChoice.Characters();
    }

    @Override
    public int vocabularyBeforeTheText(int vocabulary) {
      return 1;
    }
  },

  /** GPT-2's own byte pair encoding, 50257 ids. */
  GPT2 {
    @Override
    public TokenizerChoice choice(int vocabulary) {
      return new TokenizerChoice.Given(BytePairTokenizer.gpt2());
    }

    @Override
    public int vocabularyBeforeTheText(int vocabulary) {
      return BytePairTokenizer.GPT2_VOCABULARY;
    }
  };

  /**
   * Returns where a corpus gets the tokenizer from.
   *
   * @param vocabulary ids that are asked for; only {@link #BPE} has a choice
   */
  public abstract TokenizerChoice choice(int vocabulary);

  /** Returns the fewest ids that it can turn out to have, or all that are asked for. */
  public abstract int vocabularyBeforeTheText(int vocabulary);
}
