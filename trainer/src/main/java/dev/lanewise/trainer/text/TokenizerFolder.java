package dev.lanewise.trainer.text;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import dev.lanewise.trainer.text.tokenizer.bytefallback.ByteFallbackFiles;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairFiles;
import dev.lanewise.trainer.text.tokenizer.character.CharacterFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out which tokenizer a folder holds; all kinds that can be read are listed here. */
public final class TokenizerFolder {

  /** SentencePiece's own file, which many folders have beside the others. */
  private static final String SENTENCE_PIECE = "tokenizer.model";

  private TokenizerFolder() {}

  /**
   * Reads a tokenizer from {@code tokenizer.json}, or, where there is none, from {@code vocab.json}
   * and {@code merges.txt}. When all three are there they have to agree.
   *
   * @throws InvalidFileException when a file is missing, damaged, or not of a kind that Lanewise
   *     has; it names file and field
   */
  public static Tokenizer load(Path folder) throws IOException {
    Path file = folder.resolve(TokenizerJson.FILE);
    boolean hasParts =
        Files.exists(folder.resolve(TokenizerJson.VOCABULARY_FILE))
            || Files.exists(folder.resolve(TokenizerJson.MERGES_FILE));
    if (!Files.exists(file)) {
      if (hasParts) {
        return BytePairFiles.read(folder).withEnd(endToken(folder));
      }
      throw new InvalidFileException(
          folder,
          "",
          "no tokenizer here: neither %s nor %s and %s%s"
              .formatted(
                  TokenizerJson.FILE,
                  TokenizerJson.VOCABULARY_FILE,
                  TokenizerJson.MERGES_FILE,
                  Files.exists(folder.resolve(SENTENCE_PIECE))
                      ? "; transformers makes the first of " + SENTENCE_PIECE
                      : ""));
    }
    TokenizerJson json = TokenizerJson.read(file);
    Tokenizer tokenizer =
        switch (json.modelType()) {
          case BytePairFiles.MODEL_TYPE ->
              ByteFallbackFiles.isTold(json)
                  ? ByteFallbackFiles.read(json).withEnd(endToken(folder))
                  : BytePairFiles.read(json).withEnd(endToken(folder));
          case CharacterFiles.MODEL_TYPE -> CharacterFiles.read(json);
          default ->
              throw json.problem(
                  "model.type",
                  "\"%s\" is not a kind of tokenizer that Lanewise has; possible are %s and %s"
                      .formatted(
                          json.modelType(), BytePairFiles.MODEL_TYPE, CharacterFiles.MODEL_TYPE));
        };
    if (hasParts && !BytePairFiles.agrees(json, folder)) {
      throw new InvalidFileException(
          folder.resolve(TokenizerJson.VOCABULARY_FILE),
          "",
          "is not the tokenizer of " + TokenizerJson.FILE);
    }
    return tokenizer;
  }

  /** The name of the token that ends documents as the folder says; empty if it does not. */
  private static String endToken(Path folder) throws IOException {
    Path file = folder.resolve(TokenizerJson.CONFIGURATION_FILE);
    return Files.exists(file) ? TokenizerJson.readEndToken(file) : "";
  }
}
