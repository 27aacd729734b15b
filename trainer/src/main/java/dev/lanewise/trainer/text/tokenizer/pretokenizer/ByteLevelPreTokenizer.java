package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;

/**
 * The step that turns text into bytes.
 *
 * @param spaceFirst whether a text begins with a space, its own or one put before it
 * @param cuts whether it cuts by GPT-2's rules
 */
record ByteLevelPreTokenizer(boolean spaceFirst, boolean cuts) implements PreTokenizer {

  static final String TYPE = "ByteLevel";

  static PreTokenizer read(TokenizerJson json, String path) throws InvalidFileException {
    return new ByteLevelPreTokenizer(
        json.flag(path + ".add_prefix_space", true), json.flag(path + ".use_regex", true));
  }

  @Override
  public PieceScanner scanner() {
    PieceScanner scanner = cuts ? new Gpt2Scanner() : new WholeScanner();
    return spaceFirst ? new SpaceFirstScanner(scanner) : scanner;
  }

  /** Whether it leaves pieces of text as they are. */
  boolean changesNothing() {
    return !spaceFirst && !cuts;
  }
}
