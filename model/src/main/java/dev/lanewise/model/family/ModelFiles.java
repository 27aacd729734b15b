package dev.lanewise.model.family;

import dev.lanewise.model.io.Encoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

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
    SortedMap<String, byte[]> files = new TreeMap<>();
    files.put(ModelFolder.CONFIGURATION, ModelFolder.configuration(folder, Encoding.F32));
    Path generation = folder.resolve(ModelFolder.GENERATION);
    if (Files.exists(generation)) {
      files.put(ModelFolder.GENERATION, ModelFolder.text(generation));
    }
    return new ModelFiles(ModelFolder.readConfig(folder), files, ModelFolder.endTokens(folder));
  }
}
