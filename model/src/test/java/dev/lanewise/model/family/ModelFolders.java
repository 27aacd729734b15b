package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.ParameterStore;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/** Folders of models: tiny ones as Hugging Face's library writes them, and our own. */
public final class ModelFolders {

  private ModelFolders() {}

  /** The folder of a tiny model: the model in {@code hf}, and beside it what is known of it. */
  static Path huggingFace(String model) {
    try {
      return Path.of(ModelFolders.class.getResource(model).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Writes a model of ours into a folder. */
  public static void write(
      Path folder, ModelDescription model, ParameterStore weights, OptionalInt endToken)
      throws IOException {
    byte[] configuration = ModelFolder.configuration(model, endToken);
    Files.write(folder.resolve(ModelFolder.CONFIGURATION), configuration);
    ModelFolder.weights(model, weights).write(folder.resolve(ModelFolder.WEIGHTS));
  }
}
