package dev.lanewise.trainer.export;

import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Which token begins texts, ends them, and so on: as {@code tokenizer_config.json} says by name, or
 * else {@code config.json} or {@code generation_config.json} by id.
 */
final class TokenRoles {

  private final Map<String, Integer> added;
  private final int rows;
  private final ConfigFields named;
  private final List<ConfigFields> numbered;

  private TokenRoles(
      Map<String, Integer> added, int rows, ConfigFields named, List<ConfigFields> numbered) {
    this.added = added;
    this.rows = rows;
    this.named = named;
    this.numbered = numbered;
  }

  /**
   * Reads the files of a folder.
   *
   * @param added ids of the added tokens by their names
   * @param rows ids that the model has
   */
  static TokenRoles read(Path folder, Map<String, Integer> added, int rows) throws IOException {
    Path names = folder.resolve(TokenizerJson.CONFIGURATION_FILE);
    Path generation = folder.resolve(ModelFolder.GENERATION);
    ConfigFields config = ConfigFields.read(folder.resolve(ModelFolder.CONFIGURATION));
    return new TokenRoles(
        added,
        rows,
        Files.exists(names) ? ConfigFields.read(names) : null,
        Files.exists(generation)
            ? List.of(config, ConfigFields.read(generation))
            : List.of(config));
  }

  /** The id of the token of a role, such as {@code eos}, if there is one. */
  OptionalInt id(String role) throws InvalidFileException {
    Integer id = named == null ? null : added.get(name(named, role + "_token"));
    if (id != null) {
      return OptionalInt.of(id);
    }
    String field = role + "_token_id";
    for (ConfigFields fields : numbered) {
      // Some files have -1 for none.
      boolean none = !fields.isList(field) && fields.has(field) && fields.number(field, 0) == -1;
      if (fields.has(field) && !none) {
        return OptionalInt.of(number(fields, field));
      }
    }
    return OptionalInt.empty();
  }

  /** A name may be an object that says how it is matched too. */
  private static String name(ConfigFields fields, String field) throws InvalidFileException {
    ConfigFields token = fields.isObject(field) ? fields.object(field) : null;
    return token == null ? fields.string(field, "") : token.string("content", "");
  }

  /** Of several end tokens the first; llama.cpp knows one, and others by their names. */
  private int number(ConfigFields fields, String field) throws InvalidFileException {
    List<?> several = fields.isList(field) ? fields.list(field) : List.of();
    Object first = several.isEmpty() ? null : several.get(0);
    double id = first instanceof Double number ? number : fields.number(field, 0);
    if (id != Math.rint(id) || id < 0 || id >= rows) {
      throw fields.problem(field, "is no id from 0 to " + (rows - 1));
    }
    return (int) id;
  }

  /** Whether the folder says that the tokenizer puts a token before each text; null if not said. */
  Boolean addsBegin() throws InvalidFileException {
    boolean said = named != null && named.has("add_bos_token");
    return said ? (Boolean) named.flag("add_bos_token", false) : null;
  }

  /** The chat template inside {@code tokenizer_config.json}; empty if there is none. */
  String chatTemplate() throws InvalidFileException {
    if (named == null || !named.has("chat_template")) {
      return "";
    }
    if (!named.isList("chat_template")) {
      return named.string("chat_template", "");
    }
    for (Object template : named.list("chat_template")) {
      if (template instanceof ConfigFields fields && fields.string("name", "").equals("default")) {
        return fields.string("template", "");
      }
    }
    return "";
  }
}
