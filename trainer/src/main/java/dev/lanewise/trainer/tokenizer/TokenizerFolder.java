package dev.lanewise.trainer.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out which tokenizer a folder holds. */
final class TokenizerFolder {

  private TokenizerFolder() {}

  static Tokenizer load(Path folder) throws IOException {
    Path file = folder.resolve(TokenizerJson.FILE);
    boolean hasParts =
        Files.exists(folder.resolve(BytePairFiles.VOCABULARY_FILE))
            || Files.exists(folder.resolve(BytePairFiles.MERGES_FILE));
    if (!Files.exists(file)) {
      if (hasParts) {
        return BytePairFiles.read(folder);
      }
      throw new InvalidTokenizerException(
          folder,
          "",
          "no tokenizer here: neither %s nor %s and %s"
              .formatted(
                  TokenizerJson.FILE, BytePairFiles.VOCABULARY_FILE, BytePairFiles.MERGES_FILE));
    }
    TokenizerJson json = TokenizerJson.read(file);
    Tokenizer tokenizer =
        switch (json.modelType()) {
          case BytePairFiles.MODEL_TYPE -> BytePairFiles.read(json);
          case CharacterFiles.MODEL_TYPE -> CharacterFiles.read(json);
          default ->
              throw json.problem(
                  "model.type",
                  "\"%s\" is not a kind of tokenizer that Lanewise has; possible are %s and %s"
                      .formatted(
                          json.modelType(), BytePairFiles.MODEL_TYPE, CharacterFiles.MODEL_TYPE));
        };
    if (hasParts && !BytePairFiles.read(folder).fingerprint().equals(tokenizer.fingerprint())) {
      throw new InvalidTokenizerException(
          folder.resolve(BytePairFiles.VOCABULARY_FILE),
          "",
          "is not the tokenizer of " + TokenizerJson.FILE);
    }
    return tokenizer;
  }
}
