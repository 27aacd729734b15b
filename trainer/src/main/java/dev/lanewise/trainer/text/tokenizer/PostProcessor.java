package dev.lanewise.trainer.text.tokenizer;

import dev.lanewise.model.io.InvalidFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * What a tokenizer file puts around the ids of a text, in its {@code post_processor}: tokens in
 * front, and the end token behind. One that adds something else is refused by its name.
 */
public final class PostProcessor {

  private static final String ROOT = "post_processor";
  private static final int MOST_PARTS = 100;

  private PostProcessor() {}

  /**
   * Reads the ids that come first.
   *
   * @throws InvalidFileException that names what is not known
   */
  public static List<Integer> readPrefix(TokenizerJson json) throws InvalidFileException {
    return read(json).before.stream().flatMap(added -> added.ids.stream()).toList();
  }

  /**
   * Checks that nothing is added.
   *
   * @throws InvalidFileException that says what is
   */
  public static void requireNone(TokenizerJson json) throws InvalidFileException {
    requireEndAlone(json, OptionalInt.empty());
    if (!readPrefix(json).isEmpty()) {
      throw json.problem(ROOT, "it puts tokens in front, which this kind of tokenizer does not do");
    }
  }

  /**
   * Requires that what is put behind every text is the token that ends documents. Those get it, and
   * prompts, which are to go on, do not.
   *
   * @param end that token, if there is one
   * @throws InvalidFileException that says what else is put there
   */
  public static void requireEndAlone(TokenizerJson json, OptionalInt end)
      throws InvalidFileException {
    for (Added added : read(json).behind) {
      if (!added.ids.equals(end.stream().boxed().toList())) {
        throw json.problem(
            added.field,
            "it puts the token %s behind every text, which is not the one that ends documents, and Lanewise does not do"
                .formatted(added.name));
      }
    }
  }

  /** Tokens that are put around a text, and the field that says so. */
  private record Added(String field, String name, List<Integer> ids) {}

  private record Around(List<Added> before, List<Added> behind) {}

  private static Around read(TokenizerJson json) throws InvalidFileException {
    Around around = new Around(new ArrayList<>(), new ArrayList<>());
    if (!json.setting(ROOT + ".type").equals("Sequence")) {
      add(json, ROOT, around);
      return around;
    }
    for (int i = 0; i < MOST_PARTS; i++) {
      String part = ROOT + ".processors[" + i + "]";
      if (json.setting(part + ".type").isEmpty()) {
        break;
      }
      add(json, part, around);
    }
    return around;
  }

  private static void add(TokenizerJson json, String path, Around around)
      throws InvalidFileException {
    json.require(
        path + ".type",
        "ByteLevel",
        "TemplateProcessing",
        "RobertaProcessing",
        "BertProcessing",
        "");
    if (List.of("RobertaProcessing", "BertProcessing").contains(json.setting(path + ".type"))) {
      around.before.add(0, pair(json, path + ".cls"));
      around.behind.add(pair(json, path + ".sep"));
      return;
    }
    List<Added> before = new ArrayList<>();
    boolean afterText = false;
    for (int i = 0; i < MOST_PARTS; i++) {
      String item = path + ".single[" + i + "]";
      String name = json.setting(item + ".SpecialToken.id");
      if (!name.isEmpty()) {
        List<Integer> ids = new ArrayList<>();
        addIds(json, path + ".special_tokens." + name + ".ids", ids);
        (afterText ? around.behind : before).add(new Added(item + ".SpecialToken.id", name, ids));
      }
      afterText |= !json.setting(item + ".Sequence.id").isEmpty();
    }
    around.before.addAll(0, before);
  }

  /** A token and its id, in an array. */
  private static Added pair(TokenizerJson json, String path) throws InvalidFileException {
    String name = json.setting(path + "[0]");
    String id = json.setting(path + "[1]");
    return new Added(path, name, List.of(number(json, path + "[1]", id)));
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
    if (id.matches("[0-9]{1,9}")
        && (Integer.parseInt(id) < json.vocabulary().tokens().size()
            || json.addedTokens().containsKey(Integer.parseInt(id)))) {
      return Integer.parseInt(id);
    }
    throw json.problem(field, "\"%s\" is not the id of a token".formatted(id));
  }
}
