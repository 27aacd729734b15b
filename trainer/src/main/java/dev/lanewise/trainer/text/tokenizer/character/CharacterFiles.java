package dev.lanewise.trainer.text.tokenizer.character;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.HuggingFaceWriter;
import dev.lanewise.trainer.text.tokenizer.PostProcessor;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A character tokenizer in Hugging Face files: {@code tokenizer.json} with a WordLevel model whose
 * words are single characters, which a Split pre-tokenizer cuts.
 */
public final class CharacterFiles {

  public static final String MODEL_TYPE = "WordLevel";

  private static final String SPLIT = "Split";
  private static final String ISOLATED = "Isolated";
  private static final String ANY_CHARACTER = "[\\s\\S]";
  private static final String FUSE = "Fuse";

  /**
   * The format requires a name; no character has it, so that Hugging Face reports unknown
   * characters as an error too.
   */
  private static final String UNKNOWN_NAME = "<unk>";

  private CharacterFiles() {}

  static void write(CharacterTokenizer tokenizer, Path folder) throws IOException {
    Files.createDirectories(folder);
    // Left by byte pairs, they would contradict the new file.
    Files.deleteIfExists(folder.resolve(TokenizerJson.VOCABULARY_FILE));
    Files.deleteIfExists(folder.resolve(TokenizerJson.MERGES_FILE));
    HuggingFaceWriter.writeTokenizer(
        folder,
        List.of(),
        CharacterFiles::writeSplit,
        json -> json.writeStringField("type", FUSE),
        json -> writeModel(json, tokenizer));
    HuggingFaceWriter.writeConfig(folder, null);
  }

  private static void writeSplit(JsonGenerator json) throws IOException {
    json.writeStringField("type", SPLIT);
    json.writeObjectFieldStart("pattern");
    json.writeStringField("Regex", ANY_CHARACTER);
    json.writeEndObject();
    json.writeStringField("behavior", ISOLATED);
    json.writeBooleanField("invert", false);
  }

  private static void writeModel(JsonGenerator json, CharacterTokenizer tokenizer)
      throws IOException {
    json.writeStringField("type", MODEL_TYPE);
    json.writeObjectFieldStart("vocab");
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      json.writeNumberField(Character.toString(tokenizer.codePoint(id)), id);
    }
    json.writeEndObject();
    json.writeStringField("unk_token", UNKNOWN_NAME);
  }

  public static CharacterTokenizer read(TokenizerJson json) throws IOException {
    json.require("normalizer", "");
    json.require("normalizer.type", "");
    json.require("pre_tokenizer.type", SPLIT);
    json.require("pre_tokenizer.pattern.Regex", ANY_CHARACTER);
    json.require("pre_tokenizer.behavior", ISOLATED);
    json.require("pre_tokenizer.invert", "false");
    PostProcessor.requireNone(json);
    json.require("decoder.type", FUSE);
    if (!json.addedTokens().isEmpty()) {
      throw json.problem("added_tokens", "a character tokenizer has none");
    }
    List<String> tokens = json.vocabulary().tokens();
    int[] codePoints = new int[tokens.size()];
    for (int id = 0; id < codePoints.length; id++) {
      String token = tokens.get(id);
      if (token.isEmpty() || token.length() != Character.charCount(token.codePointAt(0))) {
        throw json.problem(
            json.vocabulary().field(),
            "id %d, \"%s\", is not a single character".formatted(id, token));
      }
      codePoints[id] = token.codePointAt(0);
    }
    try {
      return new CharacterTokenizer(codePoints);
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(json.file(), json.vocabulary().field(), e.getMessage(), e);
    }
  }
}
