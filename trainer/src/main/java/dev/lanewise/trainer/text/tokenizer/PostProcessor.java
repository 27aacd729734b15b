package dev.lanewise.trainer.text.tokenizer;

import dev.lanewise.model.io.InvalidFileException;

/**
 * What a tokenizer file adds to the ids of a text, in its {@code post_processor}. Lanewise adds
 * nothing to a text, so one that does is refused by the name of what it adds.
 */
public final class PostProcessor {

  private static final String ROOT = "post_processor";
  private static final int MOST_PARTS = 100;

  private PostProcessor() {}

  /**
   * Checks that nothing is added.
   *
   * @throws InvalidFileException that says what is
   */
  public static void requireNone(TokenizerJson json) throws InvalidFileException {
    if (!json.setting(ROOT + ".type").equals("Sequence")) {
      requireNone(json, ROOT);
      return;
    }
    for (int i = 0; i < MOST_PARTS; i++) {
      String part = ROOT + ".processors[" + i + "]";
      if (json.setting(part + ".type").isEmpty()) {
        return;
      }
      requireNone(json, part);
    }
  }

  private static void requireNone(TokenizerJson json, String path) throws InvalidFileException {
    json.require(path + ".type", "ByteLevel", "TemplateProcessing", "");
    for (int i = 0; i < MOST_PARTS; i++) {
      String field = path + ".single[" + i + "].SpecialToken.id";
      String added = json.setting(field);
      if (!added.isEmpty()) {
        throw json.problem(
            field,
            "it puts the token %s beside every text, which Lanewise does not do".formatted(added));
      }
    }
  }
}
