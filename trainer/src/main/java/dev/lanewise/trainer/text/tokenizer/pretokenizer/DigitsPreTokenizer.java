package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;

/**
 * Parts numbers from other text.
 *
 * @param individual whether each digit is a piece of its own
 */
record DigitsPreTokenizer(boolean individual) implements PreTokenizer {

  static final String TYPE = "Digits";

  static PreTokenizer read(TokenizerJson json, String path) throws InvalidFileException {
    return new DigitsPreTokenizer(json.flag(path + ".individual_digits", false));
  }

  @Override
  public PieceScanner scanner() {
    return new DigitScanner(individual);
  }
}
