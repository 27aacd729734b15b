package dev.lanewise.trainer.settings;

import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;

/**
 * How text becomes ids.
 *
 * @param tokenizer the kind
 * @param vocabulary ids to train a byte pair encoding to; other tokenizers bring their own number
 */
public record TextSettings(TokenizerKind tokenizer, int vocabulary) {

  static TextSettings of(ConfigLayer values) {
    return new TextSettings(
        values.tokenizer(ConfigKey.TOKENIZER), values.integer(ConfigKey.VOCABULARY));
  }

  void check(Problems problems) {
    if (tokenizer == TokenizerKind.BPE) {
      problems.requireBetween(
          ConfigKey.VOCABULARY,
          vocabulary,
          BytePairTokenizer.MIN_VOCABULARY,
          Tokenizer.MAX_VOCABULARY);
    }
  }
}
