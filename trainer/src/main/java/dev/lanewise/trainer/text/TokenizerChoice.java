package dev.lanewise.trainer.text;

import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTrainer;
import dev.lanewise.trainer.text.tokenizer.character.CharacterTrainer;
import java.io.IOException;
import java.util.List;

/** Where a corpus gets its tokenizer from. */
public interface TokenizerChoice {

  /** What decides the tokenizer besides the text, in words. */
  String settings();

  /**
   * The tokenizer for this text.
   *
   * @param progress of what is learned; the reading of the text is for the text to tell of
   */
  Tokenizer tokenizerFor(TextSource text, Progress progress) throws IOException;

  /**
   * Byte pair encoding trained on the text.
   *
   * @param vocabularySize the most tokens; without the special ones at least {@link
   *     BytePairTokenizer#MIN_VOCABULARY}
   * @param specialTokens names of the last of them
   */
  record BytePairs(int vocabularySize, List<String> specialTokens) implements TokenizerChoice {
    /** Copies the list. */
    public BytePairs {
      specialTokens = List.copyOf(specialTokens);
    }

    /** Without special tokens. */
    public BytePairs(int vocabularySize) {
      this(vocabularySize, List.of());
    }

    @Override
    public String settings() {
      String special = specialTokens.isEmpty() ? "" : " " + String.join(" ", specialTokens);
      return "byte pairs " + vocabularySize + special;
    }

    @Override
    public Tokenizer tokenizerFor(TextSource text, Progress progress) throws IOException {
      BytePairTrainer trainer = new BytePairTrainer();
      text.copyTo(trainer::write);
      int learned = vocabularySize - specialTokens.size();
      Tokenizer tokenizer = trainer.train(learned, specialTokens, progress);
      LateLogger log = new LateLogger(TokenizerChoice.class);
      if (trainer.isApproximate()) {
        log.info(
            "The text has more different words than are counted exactly; of the rare ones a sample"
                + " stands for the others.");
      }
      if (tokenizer.vocabularySize() < vocabularySize) {
        log.warn(
            "The vocabulary has {} tokens, not the {} asked for: no pair occurs twice any more.",
            tokenizer.vocabularySize(),
            vocabularySize);
      }
      return tokenizer;
    }
  }

  /** The characters of the text. */
  record Characters() implements TokenizerChoice {
    @Override
    public String settings() {
      return "characters";
    }

    @Override
    public Tokenizer tokenizerFor(TextSource text, Progress progress) throws IOException {
      CharacterTrainer trainer = new CharacterTrainer();
      text.copyTo(trainer::write);
      return trainer.train();
    }
  }

  /** A tokenizer that is there. */
  record Given(Tokenizer tokenizer) implements TokenizerChoice {
    @Override
    public String settings() {
      return "given " + tokenizer.fingerprint();
    }

    @Override
    public Tokenizer tokenizerFor(TextSource text, Progress progress) {
      return tokenizer;
    }
  }
}
