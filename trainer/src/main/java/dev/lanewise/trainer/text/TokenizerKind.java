package dev.lanewise.trainer.text;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.io.IOException;

/** A kind of tokenizer: made for a new model under its name in settings, and read from files. */
public interface TokenizerKind extends Registry.Kind {

  /** The token that ends documents, which other files than the tokenizer's name. */
  @FunctionalInterface
  interface EndToken {

    /** Returns its name; empty if there is none. */
    String name() throws IOException;
  }

  /**
   * Returns the {@code model.type} in {@code tokenizer.json}. Files are read by the first kind that
   * has theirs.
   */
  String modelType();

  /**
   * Reads a tokenizer.
   *
   * @throws InvalidFileException that names the field that is wrong or not supported
   */
  Tokenizer read(TokenizerJson json, EndToken end) throws IOException;

  /**
   * Returns where a corpus gets the tokenizer from.
   *
   * @param vocabulary ids that are asked for, which not every kind can choose
   */
  TokenizerChoice choice(int vocabulary);

  /** Returns the fewest ids that it can turn out to have, or all that are asked for. */
  int vocabularyBeforeTheText(int vocabulary);
}
