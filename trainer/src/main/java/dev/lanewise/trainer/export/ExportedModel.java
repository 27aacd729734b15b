package dev.lanewise.trainer.export;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.AdapterFolder;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.FoundModel;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.run.checkpoint.SavedAdapter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A model that leaves, or an adapter. The tokenizer and what else lies in its folder are not
 * interpreted here.
 *
 * @param folder its files are in; those of a model that an adapter was merged into are its base's
 * @param origin says for people which folder was taken, and why
 * @param weights of the model, or what an adapter adds
 * @param adapter what leaves alone, without the model that it belongs to; null for a model
 * @param merged what the weights have in them that their files do not; null for nothing
 */
public record ExportedModel(
    Path folder,
    String origin,
    ModelDescription description,
    ParameterStore weights,
    SavedAdapter adapter,
    Merged merged) {

  /**
   * What has been added to the weights of a model.
   *
   * @param adapters in the layout of the model with the adaptation
   */
  public record Merged(Adaptation adaptation, ParameterStore adapters) {}

  /** As the other one, of a model that is whole. */
  public static ExportedModel read(Path folder, Consumer<String> notes, Progress progress)
      throws IOException {
    return read(folder, null, false, notes, progress);
  }

  /**
   * Reads a model.
   *
   * @param folder a run, of which the best checkpoint is taken, a checkpoint, or a folder as
   *     Hugging Face has it
   * @param base the model that an adapter belongs to; null for the one that it names
   * @param merge whether an adapter is to become a model by it
   * @param notes is told of tensors that were passed over or rounded
   * @param progress of checking and reading the files
   * @throws IOException that names the file and what is wrong with it
   */
  public static ExportedModel read(
      Path folder, Path base, boolean merge, Consumer<String> notes, Progress progress)
      throws IOException {
    FoundModel found = FoundModel.find(folder, progress);
    if (AdapterFolder.isAt(found.path())) {
      KnownModel known = KnownModel.in(found.path(), base, progress);
      return merge ? merged(found, known, notes, progress) : alone(found, known);
    }
    if (merge || base != null) {
      throw new InvalidFileException(
          found.path(), "", "a whole model, and no adapter; leave out --merge and --base");
    }
    ModelDescription description = ModelFolder.readConfig(found.path());
    Transformer plan = plan(description, found.path(), Adaptation.NONE);
    ParameterStore weights =
        KnownModel.readWeights(found.path(), description, plan, notes, progress);
    return new ExportedModel(found.path(), found.origin(), description, weights, null, null);
  }

  /** Only for its layout: nothing is computed. */
  private static Transformer plan(ModelDescription model, Path folder, Adaptation adaptation)
      throws InvalidFileException {
    try {
      return new Transformer(model.config(), ScalarKernels.create(), 1, 1, adaptation);
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(
          folder.resolve(ModelFolder.CONFIGURATION), "", e.getMessage(), e);
    }
  }

  private static ExportedModel alone(FoundModel found, KnownModel known) throws IOException {
    return new ExportedModel(
        found.path(), known.origin(), known.description(), adapters(known), known.adapter(), null);
  }

  private static ParameterStore adapters(KnownModel known) throws IOException {
    Path folder = known.adapter().folder();
    Transformer adapted = plan(known.description(), folder, known.adaptation());
    return AdapterFolder.readWeights(
        folder, known.description(), known.adaptation(), adapted.layout());
  }

  private static ExportedModel merged(
      FoundModel found, KnownModel known, Consumer<String> notes, Progress progress)
      throws IOException {
    Path base = known.adapter().base();
    Transformer plan = plan(known.description(), base, Adaptation.NONE);
    ParameterStore weights =
        KnownModel.readWeights(base, known.description(), plan, notes, progress);
    Merged merged = new Merged(known.adaptation(), adapters(known));
    AdapterFolder.merge(merged.adaptation(), merged.adapters(), weights);
    return new ExportedModel(
        base,
        "%s, merged into its base".formatted(found.origin()),
        known.description(),
        weights,
        null,
        merged);
  }
}
