package dev.lanewise.trainer.export;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.FoundModel;
import dev.lanewise.trainer.run.KnownModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A model that leaves. Its tokenizer and what else lies in its folder are not interpreted here.
 *
 * @param folder its files are in
 * @param origin says for people which folder was taken, and why
 */
public record ExportedModel(
    Path folder, String origin, ModelDescription description, ParameterStore weights) {

  /**
   * Reads a model.
   *
   * @param folder a run, of which the best checkpoint is taken, a checkpoint, or a folder as
   *     Hugging Face has it
   * @param notes is told of tensors that were passed over or rounded
   * @param progress of checking and reading the files
   * @throws IOException that names the file and what is wrong with it
   */
  public static ExportedModel read(Path folder, Consumer<String> notes, Progress progress)
      throws IOException {
    FoundModel found = FoundModel.find(folder, progress);
    ModelDescription description = ModelFolder.readConfig(found.path());
    Transformer transformer;
    try {
      // Only for its layout: nothing is computed.
      transformer = new Transformer(description.config(), ScalarKernels.create(), 1);
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(
          found.path().resolve(ModelFolder.CONFIGURATION), "", e.getMessage(), e);
    }
    ParameterStore weights =
        KnownModel.readWeights(found.path(), description, transformer, notes, progress);
    return new ExportedModel(found.path(), found.origin(), description, weights);
  }
}
