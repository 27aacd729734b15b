package dev.lanewise.trainer.text.tokenizer.normalizer;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import dev.lanewise.trainer.text.tokenizer.Utf8;

/**
 * Puts something in the place of each occurrence of a string, from the left.
 *
 * @param pattern the string, not empty
 * @param content what stands in its place
 */
public record ReplaceNormalizer(String pattern, String content) implements Normalizer {

  static final String TYPE = "Replace";

  static Normalizer read(TokenizerJson json, String path) throws InvalidFileException {
    json.require(path + ".pattern.Regex", "");
    String pattern = json.setting(path + ".pattern.String");
    if (pattern.isEmpty()) {
      throw json.problem(path + ".pattern.String", "missing");
    }
    return new ReplaceNormalizer(pattern, json.setting(path + ".content"));
  }

  @Override
  public String normalize(String text) {
    return text.replace(pattern, content);
  }

  @Override
  public TokenEncoder before(TokenEncoder next) {
    return new ReplaceEncoder(Utf8.bytes(pattern), Utf8.bytes(content), next);
  }
}
