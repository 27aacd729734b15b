package dev.lanewise.model.family;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.io.InvalidFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a folder says of its model besides the weights, as the files have it. A model that came from
 * elsewhere keeps all that it came with: fields that Lanewise does not know, and how others
 * generate with it.
 *
 * @param description what the files say
 * @param files by their names, {@link ModelFolder#CONFIGURATION} among them
 * @param endTokens ids that end a text
 */
public record ModelFiles(
    ModelDescription description, SortedMap<String, byte[]> files, Set<Integer> endTokens) {

  private static final String END_TOKENS = "eos_token_id";

  /** Copies the collections. */
  public ModelFiles {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    endTokens = Set.copyOf(endTokens);
  }

  /**
   * The files of a model that was made here.
   *
   * @param endOfText the id of the token that begins and ends texts, if there is one
   */
  public static ModelFiles of(ModelDescription model, OptionalInt endOfText) {
    SortedMap<String, byte[]> files = new TreeMap<>();
    files.put(ModelFolder.CONFIGURATION, ModelFolder.configuration(model, endOfText));
    return new ModelFiles(
        model, files, endOfText.isPresent() ? Set.of(endOfText.getAsInt()) : Set.of());
  }

  /**
   * The files of the model in a folder, for weights in float32.
   *
   * @throws IOException that names the file and field that is wrong
   */
  public static ModelFiles read(Path folder) throws IOException {
    ModelDescription description = ModelFolder.readConfig(folder);
    SortedMap<String, byte[]> files = new TreeMap<>();
    files.put(ModelFolder.CONFIGURATION, ModelFolder.configuration(folder, Encoding.F32));
    Path says = folder.resolve(ModelFolder.CONFIGURATION);
    Path generation = folder.resolve(ModelFolder.GENERATION);
    if (Files.exists(generation)) {
      files.put(ModelFolder.GENERATION, ModelFolder.text(generation));
      says = ConfigFields.read(generation).has(END_TOKENS) ? generation : says;
    }
    return new ModelFiles(
        description,
        files,
        endTokens(ConfigFields.read(says), description.config().vocabularySize()));
  }

  /** One id, or a list of them. */
  private static Set<Integer> endTokens(ConfigFields fields, int vocabularySize)
      throws InvalidFileException {
    List<?> ids = List.of();
    if (fields.isList(END_TOKENS)) {
      ids = fields.list(END_TOKENS);
    } else if (fields.has(END_TOKENS)) {
      ids = List.of(fields.number(END_TOKENS, 0));
    }
    Set<Integer> endTokens = new TreeSet<>();
    for (Object each : ids) {
      if (!(each instanceof Double id) || id != Math.rint(id)) {
        throw fields.problem(END_TOKENS, "is neither an id nor a list of ids");
      }
      // Some files have -1 for none.
      if (id >= 0 && id < vocabularySize) {
        endTokens.add(id.intValue());
      }
    }
    return endTokens;
  }
}
