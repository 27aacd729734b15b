package dev.lanewise.trainer.text.tokenizer;

import dev.lanewise.model.io.InvalidFileException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a tokenizer file puts in front of the ids of a text, in its {@code post_processor}. One that
 * adds something in another place is refused by the name of what it adds.
 */
public final class PostProcessor {

  private static final String ROOT = "post_processor";
  private static final int MOST_PARTS = 100;

  private PostProcessor() {}

  /**
   * Reads the ids that come first.
   *
   * @throws InvalidFileException that says what else is added
   */
  public static List<Integer> readPrefix(TokenizerJson json) throws InvalidFileException {
    if (!json.setting(ROOT + ".type").equals("Sequence")) {
      return prefix(json, ROOT);
    }
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < MOST_PARTS; i++) {
      String part = ROOT + ".processors[" + i + "]";
      if (json.setting(part + ".type").isEmpty()) {
        break;
      }
      all.addAll(0, prefix(json, part));
    }
    return List.copyOf(all);
  }

  /**
   * Checks that nothing is added.
   *
   * @throws InvalidFileException that says what is
   */
  public static void requireNone(TokenizerJson json) throws InvalidFileException {
    if (!readPrefix(json).isEmpty()) {
      throw json.problem(ROOT, "it puts tokens in front, which this kind of tokenizer does not do");
    }
  }

  private static List<Integer> prefix(TokenizerJson json, String path) throws InvalidFileException {
    json.require(path + ".type", "ByteLevel", "TemplateProcessing", "");
    List<Integer> ids = new ArrayList<>();
    boolean afterText = false;
    for (int i = 0; i < MOST_PARTS; i++) {
      String item = path + ".single[" + i + "]";
      String added = json.setting(item + ".SpecialToken.id");
      if (!added.isEmpty() && afterText) {
        throw json.problem(
            item + ".SpecialToken.id",
            "it puts the token %s behind every text, which Lanewise does not do".formatted(added));
      }
      if (!added.isEmpty()) {
        addIds(json, path + ".special_tokens." + added + ".ids", ids);
      }
      afterText |= !json.setting(item + ".Sequence.id").isEmpty();
    }
    return List.copyOf(ids);
  }

  private static void addIds(TokenizerJson json, String path, List<Integer> ids)
      throws InvalidFileException {
    int before = ids.size();
    for (int i = 0; i < MOST_PARTS; i++) {
      String field = path + "[" + i + "]";
      String id = json.setting(field);
      if (id.isEmpty()) {
        break;
      }
      ids.add(number(json, field, id));
    }
    if (ids.size() == before) {
      throw json.problem(path, "missing");
    }
  }

  private static int number(TokenizerJson json, String field, String id)
      throws InvalidFileException {
    int count = json.vocabulary().tokens().size() + json.addedTokens().size();
    if (id.matches("[0-9]{1,9}") && Integer.parseInt(id) < count) {
      return Integer.parseInt(id);
    }
    throw json.problem(field, "\"%s\" is not the id of a token".formatted(id));
  }
}
