package dev.lanewise.trainer.text.tokenizer;

import dev.lanewise.model.io.StrictJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tokens of a vocabulary file by id, as they are written there.
 *
 * @param field where in the file they stand
 */
public record Vocabulary(String field, List<String> tokens) {

  /** What stands for an id that no token has: it stands for no text. */
  public static final String NONE = "";

  /** Reads an object of token to id, which may leave some out but has none twice. */
  public static Vocabulary read(StrictJson json, String field) throws IOException {
    json.expectObject(field);
    List<String> names = new ArrayList<>();
    int[] ids = new int[1024];
    for (String name = json.nextName(field); name != null; name = json.nextName(field)) {
      if (names.size() == Tokenizer.MAX_VOCABULARY) {
        throw json.problem(field, "more than " + Tokenizer.MAX_VOCABULARY + " tokens");
      }
      if (names.size() == ids.length) {
        ids = Arrays.copyOf(ids, 2 * ids.length);
      }
      ids[names.size()] = json.nextId(field + "." + name, Tokenizer.MAX_VOCABULARY);
      names.add(name);
    }
    int size = 0;
    for (int i = 0; i < names.size(); i++) {
      size = Math.max(size, ids[i] + 1);
    }
    String[] tokens = new String[size];
    Arrays.fill(tokens, NONE);
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (!tokens[ids[i]].isEmpty()) {
        throw json.problem(
            field + "." + name, "id %d is taken by %s".formatted(ids[i], tokens[ids[i]]));
      }
      tokens[ids[i]] = name;
    }
    return new Vocabulary(field, List.of(tokens));
  }
}
